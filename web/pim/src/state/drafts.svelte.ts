import type { Address } from '../api/types';
import type { Recipient } from '../compose/addresses';

/** A file that goes with a draft; its bytes stay in memory until the draft is sent or discarded. */
export interface DraftFile {
  id: string;
  name: string;
  type: string;
  size: number;
  bytes: Uint8Array<ArrayBuffer> | null;
  failed: boolean;
}

/** A mail that is being written. It lives in memory alone. */
export class Draft {
  readonly id: string;
  readonly inReplyTo: number | null;
  /** Whether it is signed and encrypted; null as IT has it. */
  sign = $state<boolean | null>(null);
  encrypt = $state<boolean | null>(null);
  /** Recipients whose certificate is used although something is wrong with it. */
  despite = $state.raw<string[]>([]);
  to = $state.raw<Recipient[]>([]);
  cc = $state.raw<Recipient[]>([]);
  bcc = $state.raw<Recipient[]>([]);
  subject = $state('');
  text = $state('');
  files = $state.raw<DraftFile[]>([]);
  showCopies = $state(false);
  #given: string;

  constructor(
    start: { to?: Address[]; cc?: Address[]; subject?: string; text?: string; inReplyTo?: number | null; encrypt?: boolean | null } = {},
  ) {
    this.id = crypto.randomUUID();
    this.inReplyTo = start.inReplyTo ?? null;
    this.encrypt = start.encrypt ?? null;
    this.to = asRecipients(start.to);
    this.cc = asRecipients(start.cc);
    this.subject = start.subject ?? '';
    this.text = start.text ?? '';
    this.showCopies = this.cc.length > 0;
    this.#given = this.#written();
  }

  /** Whether the person has written anything that would be missed. */
  get touched(): boolean {
    return this.#written() !== this.#given;
  }

  get size(): number {
    return this.files.reduce((sum, file) => sum + file.size, 0);
  }

  #written(): string {
    const own = this.files.map((file) => file.id);
    return JSON.stringify([this.to, this.cc, this.bcc, this.subject, this.text, own]);
  }
}

/** The mails that are being written, the last one first. */
export class Drafts {
  all = $state.raw<Draft[]>([]);

  get touched(): boolean {
    return this.all.some((draft) => draft.touched);
  }

  find(id: string): Draft | undefined {
    return this.all.find((draft) => draft.id === id);
  }

  add(draft: Draft): Draft {
    this.all = [draft, ...this.all.filter((other) => other.touched)];
    return draft;
  }

  remove(draft: Draft): void {
    this.all = this.all.filter((other) => other !== draft);
  }

  clear(): void {
    this.all = [];
  }
}

function asRecipients(addresses: Address[] = []): Recipient[] {
  return addresses.map((address) => ({ valid: true, address }));
}
