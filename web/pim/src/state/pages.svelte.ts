import { SvelteMap } from 'svelte/reactivity';
import { isAbort } from '../api/abort';
import type { MessageItem, MessagePage } from '../api/types';

export const PAGE = 100;
const KEPT_PAGES = 24;

export type Fetch = (offset: number, limit: number, signal: AbortSignal) => Promise<MessagePage>;

/** The rows that are on the screen, first and last included. */
export interface View {
  first: number;
  last: number;
}

/** A message and the row it was last seen at. */
export interface Anchor {
  id: number;
  row: number;
}

/**
 * The messages of one folder, of which only the pages near the screen are in memory.
 *
 * Rows are addressed by their index. When the folder changes, `refresh` reads the pages on the screen again, finds the
 * row that was on top and tells by how many rows it has moved, so that the list can stay where the eye is.
 */
export class MessagePages {
  total = $state<number | null>(null);
  failed = $state.raw<unknown>(null);
  #pages = new SvelteMap<number, MessageItem[]>();
  #running = new Map<number, AbortController>();
  #generation = 0;
  #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  at(index: number): MessageItem | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** The row of a message, when its page is in memory. */
  indexOf(id: number): number | null {
    for (const [page, items] of this.#pages) {
      const row = items.findIndex((item) => item.id === id);
      if (row >= 0) return page * PAGE + row;
    }
    return null;
  }

  *known(): Generator<MessageItem> {
    for (const items of this.#pages.values()) yield* items;
  }

  patch(id: number, change: Partial<MessageItem>): void {
    for (const [page, items] of this.#pages) {
      const row = items.findIndex((item) => item.id === id);
      const item = items[row];
      if (!item) continue;
      this.#pages.set(page, items.with(row, { ...item, ...change }));
    }
  }

  /** Reads what is missing on the screen, and ends reads of pages that have left it. */
  async ensure(view: View): Promise<void> {
    const wanted = pagesOf(view, this.total);
    for (const [page, running] of this.#running) {
      if (!wanted.includes(page)) running.abort();
    }
    const missing = wanted.filter((page) => !this.#pages.has(page) && !this.#running.has(page));
    await Promise.all(missing.map((page) => this.#load(page)));
    this.#trim(view);
  }

  /**
   * Reads the pages on the screen again and forgets the others.
   *
   * @returns by how many rows the anchor has moved down; 0 when it is gone
   */
  async refresh(view: View, anchor: Anchor | null): Promise<number> {
    const generation = ++this.#generation;
    this.#abortAll();
    const controller = new AbortController();
    this.#running.set(-1, controller);
    try {
      const before = this.total ?? 0;
      const fresh = new Map<number, MessageItem[]>();
      let total = await this.#read(fresh, pagesOf(view, null), before, controller.signal);
      let moved = movement(fresh, anchor);
      if (moved === null && anchor !== null && total !== before) {
        total = await this.#read(fresh, pagesOf(moveView(view, total - before), total), total, controller.signal);
        moved = movement(fresh, anchor);
      }
      const now = moveView(view, moved ?? 0);
      total = await this.#read(fresh, pagesOf(now, total), total, controller.signal);
      if (generation !== this.#generation) return 0;
      this.#replace(fresh, total);
      return moved ?? 0;
    } finally {
      if (this.#running.get(-1) === controller) this.#running.delete(-1);
    }
  }

  clear(): void {
    this.#generation += 1;
    this.#abortAll();
    this.#pages.clear();
    this.total = null;
    this.failed = null;
  }

  async #load(page: number): Promise<void> {
    const generation = this.#generation;
    const controller = new AbortController();
    this.#running.set(page, controller);
    try {
      const answer = await this.#fetch(page * PAGE, PAGE, controller.signal);
      if (generation !== this.#generation) return;
      this.#pages.set(page, answer.items);
      this.total = answer.total;
      this.failed = null;
    } catch (thrown) {
      if (!isAbort(thrown) && generation === this.#generation) this.failed = thrown;
    } finally {
      if (this.#running.get(page) === controller) this.#running.delete(page);
    }
  }

  async #read(
    into: Map<number, MessageItem[]>,
    pages: number[],
    total: number,
    signal: AbortSignal,
  ): Promise<number> {
    const missing = pages.filter((page) => !into.has(page));
    const answers = await Promise.all(
      missing.map(async (page) => ({ page, answer: await this.#fetch(page * PAGE, PAGE, signal) })),
    );
    for (const { page, answer } of answers) into.set(page, answer.items);
    return answers.at(-1)?.answer.total ?? total;
  }

  #replace(fresh: Map<number, MessageItem[]>, total: number): void {
    for (const page of [...this.#pages.keys()]) {
      if (!fresh.has(page)) this.#pages.delete(page);
    }
    for (const [page, items] of fresh) this.#pages.set(page, items);
    this.total = total;
    this.failed = null;
  }

  #trim(view: View): void {
    if (this.#pages.size <= KEPT_PAGES) return;
    const middle = (view.first + view.last) / 2 / PAGE;
    const byDistance = [...this.#pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const page of byDistance.slice(0, this.#pages.size - KEPT_PAGES)) this.#pages.delete(page);
  }

  #abortAll(): void {
    for (const running of this.#running.values()) running.abort();
    this.#running.clear();
  }
}

function pagesOf(view: View, total: number | null): number[] {
  const last = total === null ? view.last : Math.min(view.last, Math.max(0, total - 1));
  const pages: number[] = [];
  for (let page = Math.floor(view.first / PAGE); page <= Math.floor(last / PAGE); page += 1) pages.push(page);
  return pages;
}

function movement(pages: Map<number, MessageItem[]>, anchor: Anchor | null): number | null {
  if (anchor === null) return null;

  for (const [page, items] of pages) {
    const row = items.findIndex((item) => item.id === anchor.id);
    if (row >= 0) return page * PAGE + row - anchor.row;
  }
  return null;
}

function moveView(view: View, by: number): View {
  return { first: Math.max(0, view.first + by), last: Math.max(0, view.last + by) };
}
