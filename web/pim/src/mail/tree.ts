import type { FolderKind, FolderView } from '../api/types';

/** A folder with its place in the tree. */
export interface Branch {
  folder: FolderView;
  depth: number;
  parent: boolean;
}

const ORDER: readonly FolderKind[] = ['inbox', 'drafts', 'sent', 'junk', 'deleted', 'user'];

/**
 * The folders as rows: special folders first, below them the others by name; children below their parents. The mail
 * server's own outbox is left out: what waits to be sent waits on this device.
 */
export function treeOf(folders: readonly FolderView[], closed: ReadonlySet<number>, language: string): Branch[] {
  const collator = new Intl.Collator(language, { numeric: true });
  const known = new Set(folders.map(({ id }) => id));
  const children = new Map<number | null, FolderView[]>();
  for (const folder of folders) {
    const parent = folder.parent !== null && known.has(folder.parent) ? folder.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), folder]);
  }
  const rows: Branch[] = [];
  const visited = new Set<number>();
  const add = (parent: number | null, depth: number): void => {
    const level = (children.get(parent) ?? []).toSorted(
      (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || collator.compare(a.name, b.name),
    );
    for (const folder of level) {
      if (visited.has(folder.id) || folder.kind === 'outbox') continue;

      visited.add(folder.id);
      rows.push({ folder, depth, parent: children.has(folder.id) });
      if (!closed.has(folder.id)) add(folder.id, depth + 1);
    }
  };
  add(null, 0);
  return rows;
}
