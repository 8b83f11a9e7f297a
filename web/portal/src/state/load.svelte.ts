/** What a page shows of something it asked the server for. */
export interface Loaded<Data> {
  /** The last answer; `null` before the first one. */
  readonly data: Data | null;
  /** Why the last attempt failed. */
  readonly problem: unknown;
  /** An attempt is under way. */
  readonly busy: boolean;
  /** Asks again. */
  reload(): void;
}

/** After so long without a key or a touch nothing is asked unasked, so that a forgotten page lets its session end. */
const attention = 5 * 60_000;
let lastInput = Date.now();

for (const input of ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const) {
  addEventListener(input, () => (lastInput = Date.now()), { capture: true, passive: true });
}

/**
 * Asks with `ask` at once, whenever something reactive that it reads changes, and every `seconds` while the page is in
 * view and somebody is there. The answer to an older question never replaces that of a newer one.
 */
export function load<Data>(ask: () => Promise<Data>, seconds?: number): Loaded<Data> {
  let data = $state.raw<Data | null>(null);
  let problem = $state.raw<unknown>(null);
  let busy = $state(true);
  let round = $state(0);
  let newest = 0;

  $effect(() => {
    void round;
    newest += 1;
    const mine = newest;
    busy = true;
    ask().then(
      (answer) => {
        if (mine !== newest) return;
        data = answer;
        problem = null;
        busy = false;
      },
      (cause: unknown) => {
        if (mine !== newest) return;
        problem = cause;
        busy = false;
      },
    );
  });

  $effect(() => {
    if (!seconds) return;

    const timer = setInterval(() => {
      if (!document.hidden && Date.now() - lastInput < attention) round += 1;
    }, seconds * 1000);
    return () => clearInterval(timer);
  });

  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    get busy() {
      return busy;
    },
    reload: () => {
      round += 1;
    },
  };
}

/** A change that is being sent: whether it is under way, and why it failed. */
export class Attempt {
  busy = $state(false);
  problem = $state.raw<unknown>(null);

  /** Runs `change` unless one is under way, and says whether it succeeded. */
  async run(change: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;

    this.busy = true;
    this.problem = null;
    try {
      await change();
      return true;
    } catch (cause) {
      this.problem = cause;
      return false;
    } finally {
      this.busy = false;
    }
  }

  forget(): void {
    this.problem = null;
  }
}
