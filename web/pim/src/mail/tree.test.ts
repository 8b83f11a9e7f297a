import { expect, test } from 'vitest';
import type { FolderKind, FolderView } from '../api/types';
import { treeOf } from './tree';

test('special folders come first, the others by name, children below their parents', () => {
  const rows = treeOf(
    [folder('z', null), folder('Ä'), folder('b10', 'z'), folder('b9', 'z'), folder('sent', null, 'sent'), folder('inbox', null, 'inbox'), folder('out', null, 'outbox')],
    new Set(),
    'de',
  );
  const shown = rows.map(({ folder: { name }, depth, parent }) => `${depth} ${name}${parent ? ' +' : ''}`);
  expect(shown).toEqual(['0 inbox', '0 sent', '0 Ä', '0 z +', '1 b9', '1 b10']);
});

test('a closed folder hides what is in it', () => {
  const rows = treeOf([folder('a'), folder('b', 'a'), folder('c', 'b')], new Set([idOf('a')]), 'en');
  expect(rows.map(({ folder: { name } }) => name)).toEqual(['a']);
});

test('a folder whose parent is unknown stands at the top', () => {
  const rows = treeOf([folder('a', 'gone')], new Set(), 'en');
  expect(rows.map(({ depth }) => depth)).toEqual([0]);
});

function folder(name: string, parent: string | null = null, kind: FolderKind = 'user'): FolderView {
  return { id: idOf(name), parent: parent === null ? null : idOf(parent), name, kind, unread: 0, total: 0, synced: true };
}

function idOf(name: string): number {
  return [...name].reduce((sum, character) => sum * 256 + character.charCodeAt(0), 0);
}
