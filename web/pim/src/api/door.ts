import { ask, openDoor, Problem, problemOf } from '@cordon/kit';
import type {
  EventsView,
  FolderView,
  FrameView,
  ImportFolder,
  KnownCertificate,
  MessagePage,
  MessageView,
  NewOpening,
  NewPassword,
  OutboxItem,
  RegisterRequest,
  RenewRequest,
  RestoreRequest,
  SearchPage,
  SendRequest,
  SentView,
  SessionView,
  SignInView,
  StateView,
} from './types';

const TOKEN = 'cordon.token';

/** How far a download is; `total` is null when the length is unknown. */
export interface Download {
  received: number;
  total: number | null;
}

/**
 * The one way from the page to the app that runs on this device.
 *
 * Each request carries the bearer token that was given for the one-time ticket. The token lives in `sessionStorage`,
 * which belongs to this tab and this port; a cookie would be sent to every port of the loopback address.
 */
export class AppDoor {
  #token = sessionStorage.getItem(TOKEN);
  #door = openDoor(() => (this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }));

  /** Called when the app no longer knows the token. */
  onended: (() => void) | null = null;
  /** Called when the app says that the container is locked. */
  onlocked: (() => void) | null = null;

  get known(): boolean {
    return this.#token !== null;
  }

  forget(): void {
    this.#token = null;
    sessionStorage.removeItem(TOKEN);
  }

  async redeem(ticket: string): Promise<void> {
    this.forget();
    const { token } = await ask<SessionView>(this.#door, 'POST', '/api/door/redeem', { ticket });
    this.#token = token;
    sessionStorage.setItem(TOKEN, token);
  }

  state = (): Promise<StateView> => this.#ask('GET', '/api/state');
  register = (request: RegisterRequest): Promise<StateView> => this.#ask('POST', '/api/register', request);
  /** The certificate files in the import folder. */
  imports = (): Promise<ImportFolder> => this.#ask('GET', '/api/imports');
  /** Fetches what waits at the server for whoever was invited, or for the person of the open container. */
  fetchImports = (link: string | null): Promise<ImportFolder> => this.#ask('POST', '/api/imports', { link });
  /** Takes another personal certificate from now on. */
  renew = (request: RenewRequest): Promise<StateView> => this.#ask('POST', '/api/renew', request);
  restore = (request: RestoreRequest): Promise<StateView> => this.#ask('POST', '/api/restore', request);
  /** Opens the container, with the password or with the card that is in the reader; `next` opens it from then on. */
  unlock = (given: { password: string } | { pin: string }, next: NewOpening | null = null): Promise<StateView> =>
    this.#ask('POST', '/api/unlock', { ...given, new: next });
  certificates = (): Promise<KnownCertificate[]> => this.#ask('GET', '/api/certificates');
  importCertificates = (data: string): Promise<unknown> => this.#ask('POST', '/api/certificates', { data });
  removeCertificate = (id: number): Promise<void> => this.#ask('DELETE', `/api/certificates/${id}`);
  changePassword = (password: string, next: NewPassword): Promise<StateView> =>
    this.#ask('POST', '/api/password', { password, new: next });
  lock = (): Promise<StateView> => this.#ask('POST', '/api/lock', {});
  setMailPassword = (password: string): Promise<StateView> => this.#ask('POST', '/api/mail-password', { password });

  /** Where the browser has to go for a sign-in with the identity provider. */
  beginSignIn = (): Promise<SignInView> => this.#ask('POST', '/api/sign-in', {});

  folders = (): Promise<FolderView[]> => this.#ask('GET', '/api/folders');
  message = (id: number): Promise<MessageView> => this.#ask('GET', `/api/messages/${id}`);

  send = (request: SendRequest): Promise<SentView> => this.#ask('POST', '/api/outbox', request);
  outbox = (): Promise<OutboxItem[]> => this.#ask('GET', '/api/outbox');

  frame = (id: number, images: boolean): Promise<FrameView> =>
    this.#ask('POST', `/api/messages/${id}/frame`, { images });

  /** The cleaned HTML of a message, to be read and not shown. */
  async html(id: number): Promise<string> {
    const { url } = await this.frame(id, false);
    const response = await this.#request('GET', url);
    return response.text();
  }

  async sync(): Promise<void> {
    await this.#request('POST', '/api/sync', {});
  }

  /** Tells that somebody is there, which puts off the app's own lock. */
  async touch(): Promise<void> {
    await this.#request('POST', '/api/touch', {});
  }

  async markRead(id: number, read: boolean): Promise<void> {
    await this.#request('POST', `/api/messages/${id}/read`, { read });
  }

  async discard(id: number): Promise<void> {
    await this.#request('DELETE', `/api/outbox/${id}`);
  }

  async events(after: number, signal: AbortSignal): Promise<EventsView> {
    const response = await this.#request('GET', `/api/events?after=${after}`, undefined, signal);
    return (await response.json()) as EventsView;
  }

  async messages(folder: number, offset: number, limit: number, signal: AbortSignal): Promise<MessagePage> {
    const path = `/api/folders/${folder}/messages?offset=${offset}&limit=${limit}`;
    const response = await this.#request('GET', path, undefined, signal);
    return (await response.json()) as MessagePage;
  }

  /** Finds messages; what was typed goes in the body, where no list of addresses keeps it. */
  async search(query: string, folder: number | null, offset: number, limit: number, signal: AbortSignal): Promise<SearchPage> {
    const zone_minutes = -new Date().getTimezoneOffset();
    const response = await this.#request('POST', '/api/search', { query, folder, zone_minutes, offset, limit }, signal);
    return (await response.json()) as SearchPage;
  }

  /** Reads an attachment into memory and tells how far it is. */
  async attachment(
    id: number,
    signal: AbortSignal,
    progress: (download: Download) => void = () => {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#request('GET', `/api/attachments/${id}`, undefined, signal);
    const length = Number(response.headers.get('content-length'));
    const total = Number.isFinite(length) && length > 0 ? length : null;
    if (!response.body) return new Uint8Array(await response.arrayBuffer());

    return collect(response.body, total, progress);
  }

  async #ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#watch(() => ask<Answer>(this.#door, method, path, body));
  }

  async #request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const init: RequestInit = { method, signal: signal ?? null };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { 'content-type': 'application/json' };
    }
    return this.#watch(async () => {
      const response = await this.#door(new Request(new URL(path, location.origin), init));
      if (!response.ok) throw await problemOf(response);
      return response;
    });
  }

  async #watch<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await request();
    } catch (thrown) {
      if (this.#token !== null && endsSession(thrown)) {
        this.forget();
        this.onended?.();
      }
      if (thrown instanceof Problem && thrown.code === 'locked') this.onlocked?.();
      throw thrown;
    }
  }
}

/** The app refuses an unknown token; before it has any session it does not even say what it is. */
function endsSession(thrown: unknown): boolean {
  if (!(thrown instanceof Problem)) return false;
  return thrown.status === 401 ? !['wrong_password', 'wrong_pin'].includes(thrown.code) : thrown.status === 404 && thrown.code === 'unexpected';
}

async function collect(
  body: ReadableStream<Uint8Array>,
  total: number | null,
  progress: (download: Download) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;

    chunks.push(value);
    received += value.length;
    progress({ received, total });
  }
  const bytes = new Uint8Array(received);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
