/**
 * The way to the server. Pages talk to a *door*: a function like `fetch`. In a browser it is `fetch` with the headers the
 * server asks for; in a shell without a port it is a call into the process.
 */
export type Door = (request: Request) => Promise<Response>;

/** An answer that is not a success: what the server says about it, for the page to put into words. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** A stable name for the cause. */
    readonly code: string,
    /** An English sentence, for details. */
    readonly detail: string,
    /** Everything else the server said. */
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${code}: ${detail}`);
  }
}

/** A door over `fetch`. `headers` are set on every request; they are asked for each time, since a token may change. */
export function openDoor(headers: () => Record<string, string> = () => ({})): Door {
  return async (request) => {
    const sent = new Request(request, { credentials: 'same-origin', redirect: 'error', cache: 'no-store' });
    for (const [name, value] of Object.entries(headers())) sent.headers.set(name, value);
    try {
      return await fetch(sent);
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new Problem(0, 'unreachable', 'the server did not answer');
    }
  };
}

/** The problem an answer describes. */
export async function problemOf(response: Response, body?: unknown): Promise<Problem> {
  const said = body === undefined ? await response.json().catch(() => null) : body;
  if (typeof said !== 'object' || said === null || !('code' in said) || typeof said.code !== 'string') {
    return new Problem(response.status, 'unexpected', `the server answered ${response.status}`);
  }
  const { code, detail, ...facts } = said as { code: string; detail?: unknown };
  return new Problem(response.status, code, typeof detail === 'string' ? detail : code, facts);
}

/** Sends a request and reads a JSON answer; anything else becomes a {@link Problem}. */
export async function ask<Answer>(door: Door, method: string, path: string, body?: unknown): Promise<Answer> {
  const init: RequestInit = { method, headers: { accept: 'application/json' } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { accept: 'application/json', 'content-type': 'application/json' };
  }
  const response = await door(new Request(new URL(path, globalThis.location?.origin), init));
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined as Answer;

  return (await response.json()) as Answer;
}
