/**
 * True when `waiting` has held for longer than `delay` milliseconds: a skeleton that appears for a blink disturbs more
 * than it helps.
 */
export function after(waiting: () => boolean, delay = 200): { readonly current: boolean } {
  let due = $state(false);
  $effect(() => {
    due = false;
    if (!waiting()) return;

    const timer = setTimeout(() => {
      due = true;
    }, delay);
    return () => clearTimeout(timer);
  });
  return {
    get current() {
      return due;
    },
  };
}
