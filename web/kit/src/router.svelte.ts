import { tick } from 'svelte';

/** Where the person is: path and query of the address, reactive. */
export const place = $state({ path: location.pathname, query: new URLSearchParams(location.search) });

/** Goes to an address of this page. */
export async function go(to: string, how: { replace?: boolean } = {}): Promise<void> {
  const target = new URL(to, location.href);
  const stays = target.pathname === place.path;
  if (how.replace) history.replaceState({}, '', target);
  else history.pushState({}, '', target);
  follow();
  if (stays) return;

  await tick();
  scrollTo(0, 0);
  focusHeading();
}

/** Changes values of the query without a new entry in the history; `null` or an empty string removes a value. */
export function setQuery(changes: Record<string, string | null>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  void go(text ? `${location.pathname}?${text}` : location.pathname, { replace: true });
}

/** Takes over clicks on links of this page and the browser's back button. Call once. */
export function startRouter(): void {
  addEventListener('popstate', follow);
  document.addEventListener('click', (event) => {
    const to = destination(event);
    if (!to) return;

    event.preventDefault();
    void go(to);
  });
}

/** Moves the focus to the page's heading, so that a screen reader starts there. */
function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>('main h1');
  if (!heading) return;

  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function follow(): void {
  place.path = location.pathname;
  place.query = new URLSearchParams(location.search);
}

function destination(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;

  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return null;
  if (link.pathname.startsWith('/api/') || link.getAttribute('href')?.startsWith('#')) return null;
  return link.href;
}
