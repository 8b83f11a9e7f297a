/** The places of the page. They live in the fragment, so that the app has to serve one address only. */
export type Route =
  | { name: 'start' }
  | { name: 'folders' }
  | { name: 'folder'; folder: number }
  | { name: 'message'; folder: number; message: number }
  | { name: 'file'; folder: number; message: number; file: number }
  | { name: 'draft'; draft: string }
  | { name: 'outbox' };

export function formatRoute(route: Route): string {
  switch (route.name) {
    case 'start':
      return '#/';
    case 'folders':
      return '#/folders';
    case 'folder':
      return `#/mail/${route.folder}`;
    case 'message':
      return `#/mail/${route.folder}/${route.message}`;
    case 'file':
      return `#/mail/${route.folder}/${route.message}/${route.file}`;
    case 'draft':
      return `#/write/${route.draft}`;
    case 'outbox':
      return '#/outbox';
  }
}

export function parseRoute(hash: string): Route {
  const [area, first, second, third] = hash.replace(/^#\/?/, '').split('/');
  if (area === 'folders') return { name: 'folders' };
  if (area === 'outbox') return { name: 'outbox' };
  if (area === 'write' && first) return { name: 'draft', draft: first };
  const [folder, message, file] = [first, second, third].map(toId);
  if (area !== 'mail' || folder === undefined) return { name: 'start' };
  if (message === undefined) return { name: 'folder', folder };
  if (file === undefined) return { name: 'message', folder, message };
  return { name: 'file', folder, message, file };
}

/** Where "back" leads when the page was opened at this place. */
export function parentOf(route: Route): Route {
  switch (route.name) {
    case 'file':
      return { name: 'message', folder: route.folder, message: route.message };
    case 'message':
      return { name: 'folder', folder: route.folder };
    case 'folder':
      return { name: 'folders' };
    case 'draft':
    case 'folders':
    case 'outbox':
    case 'start':
      return { name: 'start' };
  }
}

function toId(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
