import { formatDateTime, t, toast } from '@cordon/kit';
import type { Address, MessageView } from '../api/types';
import { problemText } from '../words';
import { plainText } from '../compose/plain';
import { quoteFor, recipientsFor, subjectFor, type Answer } from '../compose/quote';
import { Draft, type DraftFile } from './drafts.svelte';
import { Idle } from './idle.svelte';
import type { Mailbox } from './mailbox.svelte';
import { Router } from './router.svelte';
import type { Session } from './session.svelte';

/** What the person can do anywhere on the page: go somewhere, write, answer, synchronise, lock. */
export class Desk {
  readonly session: Session;
  readonly router = new Router();
  readonly idle = new Idle();
  /** Which of the page's own dialogs is open. */
  dialog = $state<'shortcuts' | 'settings' | 'mail_password' | 'password' | 'renewal' | 'certificates' | 'lock' | 'more' | null>(null);
  /** The folders, laid over the panes where they have no pane of their own. */
  drawer = $state(false);

  constructor(session: Session) {
    this.session = session;
  }

  get mailbox(): Mailbox {
    const { mailbox } = this.session;
    if (!mailbox) throw new Error('the container is locked');
    return mailbox;
  }

  write(start: { to?: Address[] } = {}): void {
    this.#edit(new Draft(start));
  }

  async answer(answer: Answer, message: MessageView): Promise<void> {
    const { mailbox } = this;
    const text = message.text ?? (await this.#words(message));
    if (mailbox !== this.session.mailbox) return;

    const self = this.session.state?.account ?? null;
    const draft = new Draft({
      ...recipientsFor(answer, message, self),
      subject: subjectFor(answer, message.subject),
      text: quoteFor(answer, message, text, quoteWords()),
      inReplyTo: answer === 'forward' ? null : message.id,
      // What came encrypted goes out so.
      encrypt: message.security?.encrypted ? true : null,
    });
    this.#edit(draft);
    if (answer === 'forward') void this.#enclose(draft, message);
  }

  async sync(): Promise<void> {
    try {
      await this.session.door.sync();
    } catch (thrown) {
      toast('danger', problemText(thrown));
    }
  }

  /** Tells the app that somebody is there; a lost connection shows elsewhere. */
  touch(): void {
    void this.session.door.touch().catch(() => {});
  }

  /** Locks, after asking when unsent text would be lost. */
  lock(): void {
    if (this.session.mailbox?.drafts.touched) this.dialog = 'lock';
    else this.lockNow();
  }

  lockNow(): void {
    this.dialog = null;
    this.drawer = false;
    void this.session.lock();
  }

  #edit(draft: Draft): void {
    this.mailbox.drafts.add(draft);
    this.router.go({ name: 'draft', draft: draft.id });
  }

  /** The words of a message whose text is HTML; the preview has to do when they cannot be had. */
  async #words(message: MessageView): Promise<string> {
    if (message.body !== 'html') return message.preview;
    try {
      return plainText(await this.session.door.html(message.id));
    } catch {
      return message.preview;
    }
  }

  /** A forwarded mail takes the files of the original along. */
  async #enclose(draft: Draft, message: MessageView): Promise<void> {
    const wanted = message.attachments.filter((attachment) => !attachment.inline);
    draft.files = wanted.map(({ id, name, type, size }) => ({ id: String(id), name, type, size, bytes: null, failed: false }));
    for (const { id } of wanted) {
      const change = await this.session.door
        .attachment(id, new AbortController().signal)
        .then((bytes): Partial<DraftFile> => ({ bytes, size: bytes.length }))
        .catch((): Partial<DraftFile> => ({ failed: true }));
      draft.files = draft.files.map((file) => (file.id === String(id) ? { ...file, ...change } : file));
    }
  }
}

function quoteWords() {
  return {
    wrote: (name: string, date: string) => t('pim-quote-wrote', { name, date }),
    forwarded: t('pim-quote-forwarded'),
    from: t('pim-from'),
    date: t('pim-date'),
    subject: t('pim-subject'),
    to: t('pim-to'),
    cc: t('pim-cc'),
    formatDate: (date: string) => formatDateTime(date),
  };
}
