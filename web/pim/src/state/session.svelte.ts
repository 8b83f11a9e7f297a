import type { AppDoor } from '../api/door';
import { isAbort } from '../api/abort';
import { asProblem } from '../api/problem';
import { takeTicket } from '../api/ticket';
import type { StateView, Topic } from '../api/types';
import { Mailbox } from './mailbox.svelte';

/** Why the page has no way to the app. */
export type Shut = 'no_ticket' | 'ticket_used' | 'ended' | 'stopped';

const REASON = 'cordon.shut';
const LONGEST_PAUSE = 8_000;
const PATIENCE = 3;

/**
 * The page's connection to the app: who is signed in, whether the container is open, and the live updates.
 *
 * `mailbox` exists exactly while the container is open. Every way out of that state (lock by the person, by the clock,
 * by IT, a lost session, an app that has ended) leads through `#drop`. Where the app still answers, the page then loads
 * itself anew: what a browser keeps of a document beyond its scripts' reach goes with the document.
 */
export class Session {
  readonly door: AppDoor;
  state = $state.raw<StateView | null>(null);
  mailbox = $state.raw<Mailbox | null>(null);
  shut = $state<Shut | null>(null);
  /** False while the app does not answer. */
  connected = $state(true);
  #listening: AbortController | null = null;
  #locking = false;

  constructor(door: AppDoor) {
    this.door = door;
    door.onended = () => this.#close('ended');
    door.onlocked = () => void this.refresh().catch(() => {});
  }

  /** Redeems the ticket in the address, or goes on with the token of this tab. */
  async start(): Promise<void> {
    const ticket = takeTicket();
    this.shut = null;
    try {
      if (ticket !== null) await this.door.redeem(ticket);
      if (!this.door.known) return this.#close(takeReason());

      this.accept(await this.door.state());
      void this.#listen();
    } catch (thrown) {
      const { code } = asProblem(thrown);
      if (code === 'unreachable') this.#close('stopped');
      else this.#close(ticket !== null ? 'ticket_used' : 'ended');
    }
  }

  /** Takes over a state that the app has told, and opens or drops what may be read. */
  accept(state: StateView): void {
    this.state = state;
    if (state.container === 'open') {
      if (this.mailbox || this.#locking) return;

      this.mailbox = new Mailbox(this.door);
      this.mailbox.start();
    } else if (this.#drop()) {
      renew();
    }
  }

  async lock(): Promise<void> {
    this.#locking = true;
    this.#drop();
    if (this.state) this.state = { ...this.state, container: 'locked' };
    try {
      this.accept(await this.door.lock());
      renew();
    } catch (thrown) {
      if (asProblem(thrown).code === 'unreachable') this.#close('stopped');
    } finally {
      this.#locking = false;
    }
  }

  async refresh(): Promise<void> {
    this.accept(await this.door.state());
  }

  async #listen(): Promise<void> {
    this.#listening?.abort();
    const listening = new AbortController();
    this.#listening = listening;
    let after = this.state?.sequence ?? 0;
    let faults = 0;
    while (!listening.signal.aborted) {
      try {
        const events = await this.door.events(after, listening.signal);
        after = events.sequence;
        if (faults > 0) events.topics = ['state', 'folders', 'messages', 'outbox'];
        faults = 0;
        this.connected = true;
        await this.#changed(events.topics);
      } catch (thrown) {
        if (isAbort(thrown) || listening.signal.aborted) return;

        faults += 1;
        this.connected = false;
        if (faults > PATIENCE) return this.#close('stopped');
        await pause(Math.min(LONGEST_PAUSE, 500 * 2 ** faults), listening.signal);
      }
    }
  }

  async #changed(topics: Topic[]): Promise<void> {
    if (topics.includes('state')) await this.refresh();
    this.mailbox?.changed(topics);
  }

  /** Forgets everything readable, and says whether there was something. */
  #drop(): boolean {
    const open = this.mailbox !== null;
    this.mailbox?.clear();
    this.mailbox = null;
    return open;
  }

  #close(reason: Shut): void {
    this.#listening?.abort();
    this.#listening = null;
    const wasOpen = this.#drop();
    this.state = null;
    this.connected = true;
    this.shut = reason;
    if (!wasOpen || reason === 'stopped') return;

    sessionStorage.setItem(REASON, reason);
    renew();
  }
}

/** Loads the page anew, once what was open has left the screen. */
function renew(): void {
  setTimeout(() => location.reload());
}

/** Why the page was shut before it loaded itself anew. */
function takeReason(): Shut {
  const reason = sessionStorage.getItem(REASON);
  sessionStorage.removeItem(REASON);
  return reason === 'ended' ? reason : 'no_ticket';
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
