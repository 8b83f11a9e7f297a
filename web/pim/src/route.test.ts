import { expect, test } from 'vitest';
import { formatRoute, parentOf, parseRoute, type Route } from './route';

test.each<Route>([
  { name: 'start' },
  { name: 'folders' },
  { name: 'outbox' },
  { name: 'draft', draft: 'a-b' },
  { name: 'folder', folder: 5 },
  { name: 'message', folder: 5, message: 9_007_199_254_740 },
  { name: 'file', folder: 5, message: 7, file: 0 },
])('%j survives the address', (route) => {
  expect(parseRoute(formatRoute(route))).toEqual(route);
});

test.each(['', '#', '#/', '#/nowhere', '#/mail', '#/mail//x', '#/mail/x', '#/mail/-1', '#/mail/1.5', '#/mail/1e3', '#/mail/9999999999999999', '#ticket=abc', '#/write'])('%j is the start', (hash) => {
  expect(parseRoute(hash)).toEqual({ name: 'start' });
});

test('up from a file leads to the list in two steps', () => {
  const message = parentOf({ name: 'file', folder: 5, message: 7, file: 9 });
  expect(message).toEqual({ name: 'message', folder: 5, message: 7 });
  expect(parentOf(message)).toEqual({ name: 'folder', folder: 5 });
});
