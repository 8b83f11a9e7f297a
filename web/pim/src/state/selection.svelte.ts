import type { MessageItem } from '../api/types';
import type { Mailbox } from './mailbox.svelte';
import type { Router } from './router.svelte';

/** The row of the message list that the person is at, and how it follows keys and updates. */
export class Selection {
  index = $state<number | null>(null);
  #id: number | null = null;
  #mailbox: Mailbox;
  #router: Router;

  constructor(mailbox: Mailbox, router: Router) {
    this.#mailbox = mailbox;
    this.#router = router;
  }

  get item(): MessageItem | undefined {
    return this.index === null ? undefined : this.#mailbox.pages?.at(this.index);
  }

  get total(): number {
    return this.#mailbox.pages?.total ?? 0;
  }

  /** Goes to a row; with `open` the message is shown too. */
  async moveTo(row: number, open: boolean): Promise<void> {
    const { pages } = this.#mailbox;
    if (!pages || this.total === 0) return;

    const target = Math.max(0, Math.min(this.total - 1, row));
    this.index = target;
    if (!pages.at(target)) await pages.ensure({ first: target, last: target });
    const item = pages.at(target);
    if (!item || this.index !== target || pages !== this.#mailbox.pages) return;

    this.#id = item.id;
    if (open) this.open(item);
  }

  async moveBy(rows: number, open: boolean): Promise<void> {
    await this.moveTo(this.index === null ? 0 : this.index + rows, open);
  }

  /** Shows a message. Going from message to message makes one entry in the history, not one each. */
  open(item: Pick<MessageItem, 'id'>): void {
    const { folder } = this.#mailbox;
    if (folder === null) return;

    this.#id = item.id;
    const { route } = this.#router;
    const next = { name: 'message', folder, message: item.id } as const;
    if (route.name === 'message' && route.folder === folder) this.#router.replace(next);
    else this.#router.go(next);
  }

  /** Finds the row of a message that was opened by other means, or whose row has changed. */
  locate(id: number | null = this.#id): void {
    if (id === null) return;

    this.#id = id;
    const at = this.#mailbox.pages?.indexOf(id) ?? null;
    if (at !== null) this.index = at;
  }

  reset(): void {
    this.index = null;
    this.#id = null;
  }
}
