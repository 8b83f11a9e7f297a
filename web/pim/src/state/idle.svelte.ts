const WARNING_SECONDS = 30;
const TICK = 1_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/**
 * Watches whether somebody is there. The moment of the last sign is compared with the clock, so that a computer that
 * wakes from standby locks at once.
 */
export class Idle {
  /** Seconds until the app locks, in the last half minute; null before. */
  left = $state<number | null>(null);
  #last = Date.now();
  #told = Date.now();

  /**
   * Watches until the returned function is called.
   *
   * `still` is called now and then while somebody is there, so that the app's own clock starts anew; `over` when
   * nobody was there for `seconds`.
   */
  watch(seconds: number, still: () => void, over: () => void): () => void {
    if (seconds <= 0) return () => {};

    this.#last = this.#told = Date.now();
    const warning = Math.min(WARNING_SECONDS, seconds / 2);
    const telling = Math.min(30, seconds / 4) * 1_000;
    const sign = (): void => {
      if (this.left !== null) return;
      this.#last = Date.now();
    };
    const tick = (): void => {
      const left = seconds - (Date.now() - this.#last) / 1_000;
      if (left <= 0) {
        this.left = null;
        this.#last = Date.now();
        over();
        return;
      }
      this.left = left <= warning ? Math.ceil(left) : null;
      if (this.#last <= this.#told || Date.now() - this.#told < telling) return;

      this.#told = Date.now();
      still();
    };
    for (const name of SIGNS) addEventListener(name, sign, { capture: true, passive: true });
    const timer = setInterval(tick, TICK);
    return () => {
      clearInterval(timer);
      this.left = null;
      for (const name of SIGNS) removeEventListener(name, sign, { capture: true });
    };
  }

  /** The person wants to stay. */
  stay(): void {
    this.#last = Date.now();
    this.left = null;
  }
}
