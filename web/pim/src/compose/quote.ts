import type { Address, MessageView } from '../api/types';
import { formatAddress, sameAddress } from './addresses';

export type Answer = 'reply' | 'reply_all' | 'forward';

/** The sentences that a quotation needs, in the person's language. */
export interface QuoteWords {
  wrote: (name: string, date: string) => string;
  forwarded: string;
  from: string;
  date: string;
  subject: string;
  to: string;
  cc: string;
  formatDate: (date: string) => string;
}

export interface Recipients {
  to: Address[];
  cc: Address[];
}

/** Who gets an answer: the sender, and for "reply all" everybody else but oneself. */
export function recipientsFor(answer: Answer, message: MessageView, self: Address | null): Recipients {
  if (answer === 'forward') return { to: [], cc: [] };
  const mine = (address: Address) => self !== null && sameAddress(address, self);
  const sentByMe = mine(message.from);
  const first = sentByMe ? message.to : [message.from];
  if (answer === 'reply') return { to: first, cc: [] };
  const to = unique([...first, ...message.to].filter((address) => !mine(address)));
  const cc = unique(message.cc.filter((address) => !mine(address) && !to.some((known) => sameAddress(known, address))));
  return { to: to.length > 0 ? to : first, cc };
}

/** `AW: ` and `RE: ` of any number of answers become one `Re: `. */
export function subjectFor(answer: Answer, subject: string): string {
  const bare = subject.replace(/^(?:\s*(?:re|aw|antw|sv|fwd?|wg|tr)(?:\[\d+\])?\s*:)+\s*/i, '');
  return `${answer === 'forward' ? 'Fwd' : 'Re'}: ${bare}`;
}

export function quoteFor(answer: Answer, message: MessageView, original: string, words: QuoteWords): string {
  const text = original.replace(/\r\n?/g, '\n').trimEnd();
  if (answer === 'forward') return `\n\n${forwardHead(message, words)}\n\n${text}\n`;
  const name = message.from.name || message.from.address;
  const quoted = withoutSignature(text)
    .split('\n')
    .map((line) => (line.startsWith('>') ? `>${line}` : line === '' ? '>' : `> ${line}`))
    .join('\n');
  return `\n\n${words.wrote(name, words.formatDate(message.date))}\n${quoted}\n`;
}

function forwardHead(message: MessageView, words: QuoteWords): string {
  const lines = [
    `---------- ${words.forwarded} ----------`,
    `${words.from}: ${formatAddress(message.from)}`,
    `${words.date}: ${words.formatDate(message.date)}`,
    `${words.subject}: ${message.subject}`,
    `${words.to}: ${message.to.map(formatAddress).join(', ')}`,
  ];
  if (message.cc.length > 0) lines.push(`${words.cc}: ${message.cc.map(formatAddress).join(', ')}`);
  return lines.join('\n');
}

function withoutSignature(text: string): string {
  const at = text.search(/^-- $/m);
  return at > 0 ? text.slice(0, at).trimEnd() : text;
}

function unique(addresses: Address[]): Address[] {
  return addresses.filter((address, at) => addresses.findIndex((other) => sameAddress(other, address)) === at);
}
