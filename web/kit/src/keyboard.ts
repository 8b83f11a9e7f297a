import { preferences } from './preferences.svelte';

/** What a shortcut does. Returning `false` lets the key pass on. */
export type Shortcut = (event: KeyboardEvent) => void | boolean;

const patience = 1200;

/**
 * Listens for shortcuts until the returned function is called.
 *
 * A name is a key (`/`, `?`, `Escape`), a chord (`mod+k`: Ctrl, or Cmd on Apple keyboards) or two keys in a row (`g d`).
 * Keys without a modifier are not heard while the person types, nor while a dialog is open, nor when they were switched
 * off.
 */
export function listen(shortcuts: Readonly<Record<string, Shortcut>>, target: HTMLElement | Document = document): () => void {
  let before = { key: '', at: 0 };

  function onkeydown(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.defaultPrevented || event.isComposing || event.repeat) return;

    const key = nameOf(event);
    const plain = key.length === 1;
    if (plain && (!preferences.shortcuts || isTyping(event.target) || document.querySelector('dialog[open]'))) return;

    const pair = event.timeStamp - before.at < patience ? `${before.key} ${key}` : '';
    before = { key, at: event.timeStamp };
    const shortcut = (pair && shortcuts[pair]) || shortcuts[key];
    if (!shortcut || shortcut(event) === false) return;

    event.preventDefault();
    before = { key: '', at: 0 };
  }

  target.addEventListener('keydown', onkeydown);
  return () => target.removeEventListener('keydown', onkeydown);
}

/** Moves the focus among `items` with arrows, Home and End, and says whether the key was one of them. */
export function moveFocus(event: KeyboardEvent, items: readonly HTMLElement[], axis: 'horizontal' | 'vertical' = 'vertical'): boolean {
  const [back, forth] = axis === 'vertical' ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
  const current = items.findIndex((item) => item === document.activeElement);
  const last = items.length - 1;
  const next =
    event.key === forth ? (current >= last ? 0 : current + 1)
    : event.key === back ? (current <= 0 ? last : current - 1)
    : event.key === 'Home' ? 0
    : event.key === 'End' ? last
    : -1;
  const item = items[next];
  if (!item) return false;

  event.preventDefault();
  item.focus();
  return true;
}

function nameOf(event: KeyboardEvent): string {
  const modifiers = [
    event.ctrlKey || event.metaKey ? 'mod+' : '',
    event.altKey ? 'alt+' : '',
    event.shiftKey && event.key.length > 1 ? 'shift+' : '',
  ];
  return modifiers.join('') + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;

  return target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio], [type=button]), textarea, select');
}
