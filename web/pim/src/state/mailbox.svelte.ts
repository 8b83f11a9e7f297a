import type { Problem } from '@cordon/kit';
import type { AppDoor } from '../api/door';
import { asProblem } from '../api/problem';
import type { FolderView, MessageItem, MessageView, OutboxItem, Topic } from '../api/types';
import { Blobs } from './blobs';
import { coalesce } from './coalesce';
import { Drafts } from './drafts.svelte';
import { MessagePages, type Anchor, type Fetch, type View } from './pages.svelte';

const KEPT_MESSAGES = 40;

/** What a message list tells the mailbox, so that an update can keep the eye's place. */
export interface ListWindow {
  view: () => View;
  anchor: () => Anchor | null;
  /** Called after an update, with the rows by which the anchor has moved down. */
  moved: (rows: number) => void;
}

/** What the person looks for, as typed; in the folder at hand, or in all of them. */
export interface Search {
  text: string;
  everywhere: boolean;
}

const NO_SEARCH: Search = { text: '', everywhere: true };

/**
 * Everything readable that the page holds: folders, pages of messages, opened messages, drafts, blob URLs.
 *
 * One exists while the container is open. Locking calls `clear` and drops it, and with it all plain text.
 */
export class Mailbox {
  readonly door: AppDoor;
  readonly drafts = new Drafts();
  readonly blobs = new Blobs();
  folders = $state.raw<FolderView[] | null>(null);
  outbox = $state.raw<OutboxItem[]>([]);
  pages = $state.raw<MessagePages | null>(null);
  folder = $state<number | null>(null);
  search = $state.raw<Search>(NO_SEARCH);
  /** Messages that cannot be found by their words yet. */
  unindexed = $state(0);
  /** Why the folders cannot be read. */
  failed = $state.raw<Problem | null>(null);
  /** Grows with each change of messages, for whoever shows one. */
  version = $state(0);
  #opened = new Map<number, MessageView>();
  #window: ListWindow | null = null;
  #cleared = false;

  constructor(door: AppDoor) {
    this.door = door;
  }

  get inbox(): FolderView | null {
    return this.folders?.find((folder) => folder.kind === 'inbox') ?? this.folders?.[0] ?? null;
  }

  get current(): FolderView | null {
    return this.folders?.find((folder) => folder.id === this.folder) ?? null;
  }

  /** Starts reading; faults show in the lists that stay empty, and each event tries again. */
  start(): void {
    void this.refreshFolders();
    void this.refreshOutbox();
  }

  get searching(): boolean {
    return this.search.text.trim() !== '';
  }

  /** Shows a folder, and ends a search. */
  show(folder: number): void {
    if (folder === this.folder) return;

    this.folder = folder;
    this.search = NO_SEARCH;
    this.#list(folder);
  }

  /** Shows what a search finds in place of the folder; nothing typed shows the folder again. */
  find(search: Search): void {
    const { folder, searching, search: before } = this;
    this.search = search;
    if (folder === null || (search.text === before.text && search.everywhere === before.everywhere)) return;

    if (!this.searching) {
      if (searching) this.#list(folder);
      return;
    }
    this.#replace(async (offset, limit, signal) => {
      const found = await this.door.search(search.text, search.everywhere ? null : folder, offset, limit, signal);
      if (this.search === search) this.unindexed = found.unindexed;
      return found;
    });
  }

  #list(folder: number): void {
    this.#replace((offset, limit, signal) => this.door.messages(folder, offset, limit, signal));
  }

  #replace(fetch: Fetch): void {
    this.pages?.clear();
    this.pages = new MessagePages(fetch);
  }

  /** Joins a list on the screen to updates; the returned function parts it again. */
  attach(window: ListWindow): () => void {
    this.#window = window;
    return () => {
      if (this.#window === window) this.#window = null;
    };
  }

  changed(topics: readonly Topic[]): void {
    if (topics.includes('folders') || topics.includes('messages')) void this.refreshFolders();
    if (topics.includes('messages')) {
      this.#opened.clear();
      this.version += 1;
      void this.refreshMessages();
    }
    if (topics.includes('outbox')) void this.refreshOutbox();
  }

  refreshFolders = coalesce(async () => {
    try {
      const folders = await this.door.folders();
      if (!this.#cleared) this.folders = folders;
      this.failed = null;
    } catch (thrown) {
      this.failed = asProblem(thrown);
    }
  });

  refreshOutbox = coalesce(async () => {
    const outbox = await quietly(this.door.outbox());
    if (outbox && !this.#cleared) this.outbox = outbox;
  });

  refreshMessages = coalesce(async () => {
    const { pages } = this;
    if (!pages) return;

    const window = this.#window;
    const view = window?.view() ?? { first: 0, last: 30 };
    const moved = await quietly(pages.refresh(view, window?.anchor() ?? null));
    if (moved !== null && pages === this.pages) window?.moved(moved);
  });

  async open(id: number): Promise<MessageView> {
    const known = this.#opened.get(id);
    if (known) return known;

    const message = await this.door.message(id);
    if (this.#cleared) throw new DOMException('the app was locked', 'AbortError');

    this.#opened.set(id, message);
    for (const oldest of this.#opened.keys()) {
      if (this.#opened.size <= KEPT_MESSAGES) break;
      this.#opened.delete(oldest);
    }
    return message;
  }

  /** Marks a message at once on the screen, and takes it back when the app refuses. */
  async markRead(message: Pick<MessageItem, 'id' | 'read'>, read: boolean): Promise<void> {
    const before = this.pages?.indexOf(message.id) ?? null;
    const was = before === null ? message.read : (this.pages?.at(before)?.read ?? message.read);
    if (was === read) return;

    this.#setRead(message.id, read);
    try {
      await this.door.markRead(message.id, read);
    } catch (thrown) {
      this.#setRead(message.id, !read);
      throw asProblem(thrown);
    }
  }

  clear(): void {
    this.#cleared = true;
    this.pages?.clear();
    this.pages = null;
    this.search = NO_SEARCH;
    this.folders = null;
    this.outbox = [];
    this.#opened.clear();
    this.#window = null;
    this.drafts.clear();
    this.blobs.clear();
  }

  #setRead(id: number, read: boolean): void {
    const row = this.pages?.indexOf(id) ?? null;
    const place = (row === null ? undefined : this.pages?.at(row)?.folder) ?? this.folder;
    this.pages?.patch(id, { read });
    const opened = this.#opened.get(id);
    if (opened) this.#opened.set(id, { ...opened, read });
    this.folders =
      this.folders?.map((folder) =>
        folder.id === place ? { ...folder, unread: Math.max(0, folder.unread + (read ? -1 : 1)) } : folder,
      ) ?? null;
  }
}

async function quietly<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch {
    return null;
  }
}
