/** A short message that comes and goes. */
export interface ToastMessage {
  readonly id: number;
  readonly tone: 'ok' | 'info' | 'danger';
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** The messages on screen, oldest first. Shown by `Toaster`. */
export const toasts: ToastMessage[] = $state([]);

let counter = 0;

/** Shows a message. Errors stay until they are dismissed. */
export function toast(tone: ToastMessage['tone'], text: string, action?: ToastMessage['action']): void {
  counter += 1;
  const id = counter;
  toasts.push({ id, tone, text, ...(action ? { action } : {}) });
  if (tone !== 'danger') setTimeout(() => dismiss(id), action ? 8000 : 5000);
}

/** Takes a message away. */
export function dismiss(id: number): void {
  const index = toasts.findIndex((message) => message.id === id);
  if (index >= 0) toasts.splice(index, 1);
}
