/** The parts of a path that a pattern names. */
export type Params = Record<string, string>;

/** The values of the `:names` of `pattern` in `path`, or `null` when the path does not fit. */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (wanted.length !== given.length) return null;

  const params: Params = {};
  for (const [index, part] of wanted.entries()) {
    const value = decode(given[index] ?? '');
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return params;
}

/** The first route whose pattern fits the path. */
export function find<Page>(routes: readonly (readonly [string, Page])[], path: string): { page: Page; params: Params } | null {
  for (const [pattern, page] of routes) {
    const params = match(pattern, path);
    if (params) return { page, params };
  }
  return null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
