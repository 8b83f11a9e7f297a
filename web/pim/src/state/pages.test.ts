import { expect, test } from 'vitest';
import type { MessageItem } from '../api/types';
import { MessagePages, PAGE } from './pages.svelte';

test('only the pages on the screen are read, each once', async () => {
  const { pages, asked } = folder(1_000);

  await pages.ensure({ first: 95, last: 120 });
  await pages.ensure({ first: 100, last: 199 });

  expect(asked).toEqual([0, 1]);
  expect(pages.total).toBe(1_000);
  expect(pages.at(120)?.id).toBe(880);
  expect(pages.at(250)).toBeUndefined();
});

test('no page behind the end is read', async () => {
  const { pages, asked } = folder(150);
  await pages.ensure({ first: 0, last: 20 });

  await pages.ensure({ first: 140, last: 400 });

  expect(asked).toEqual([0, 1]);
});

test('far pages are forgotten', async () => {
  const { pages } = folder(10_000);
  for (let page = 0; page < 40; page += 1) await pages.ensure({ first: page * PAGE, last: page * PAGE });

  expect(pages.at(0)).toBeUndefined();
  expect(pages.at(39 * PAGE)?.id).toBe(6100);
});

test.each([
  ['one message arrives', 1, 1],
  ['many arrive, more than a page', 250, 250],
  ['some go', -30, -30],
  ['nothing changes', 0, 0],
])('%s: the anchor tells how far it moved', async (_, change, moved) => {
  const { pages, set } = folder(5_000);
  await pages.ensure({ first: 1_000, last: 1_020 });
  const anchor = { id: 4000, row: 1_000 };
  set(5_000 + change);

  expect(await pages.refresh({ first: 995, last: 1_030 }, anchor)).toBe(moved);
  expect(pages.at(1_000 + moved)?.id).toBe(4000);
  expect(pages.total).toBe(5_000 + change);
});

test('an anchor that is gone stays where it was', async () => {
  const { pages } = folder(500);
  await pages.ensure({ first: 0, last: 10 });

  expect(await pages.refresh({ first: 0, last: 10 }, { id: -1, row: 3 })).toBe(0);
});

test('a fault is kept for the screen and ends with the next success', async () => {
  const { pages, fail } = folder(500);
  fail(true);
  await pages.ensure({ first: 0, last: 10 });
  expect(pages.failed).toBeInstanceOf(Error);

  fail(false);
  await pages.ensure({ first: 0, last: 10 });
  expect(pages.failed).toBeNull();
  expect(pages.at(0)?.id).toBe(500);
});

test('a change shows in its row alone', async () => {
  const { pages } = folder(500);
  await pages.ensure({ first: 0, last: 10 });

  pages.patch(497, { read: true });

  expect([pages.at(2)?.read, pages.at(3)?.read, pages.at(4)?.read]).toEqual([false, true, false]);
  expect(pages.indexOf(497)).toBe(3);
  expect(pages.indexOf(1)).toBeNull();
});

test('nothing is left after clearing, and a late answer changes nothing', async () => {
  const { pages } = folder(500);
  const late = pages.ensure({ first: 0, last: 10 });

  pages.clear();
  await late;

  expect([pages.total, pages.at(0), [...pages.known()].length]).toEqual([null, undefined, 0]);
});

/** A folder whose newest message has the highest number. */
function folder(size: number) {
  const asked: number[] = [];
  let total = size;
  let failing = false;
  const pages = new MessagePages(async (offset, limit, signal) => {
    asked.push(offset / PAGE);
    await Promise.resolve();
    if (signal.aborted) throw new DOMException('', 'AbortError');
    if (failing) throw new Error('no answer');
    const rows = Math.max(0, Math.min(limit, total - offset));
    return { total, items: Array.from({ length: rows }, (_, row) => item(total - offset - row)) };
  });
  return { pages, asked, set: (next: number) => (total = next), fail: (next: boolean) => (failing = next) };
}

function item(number: number): MessageItem {
  const nobody = { name: '', address: '' };
  return {
    id: number, folder: 5, from: nobody, to: [], subject: '', date: '', read: false, flagged: false,
    flag: { state: 'none', due: null, completed: null }, categories: [], importance: 'normal', preview: '', attachments: 0,
    refused: null, conversation: null, topic: '',
  };
}
