import { describe, expect, test } from 'vitest';
import type { Address, MessageView } from '../api/types';
import { quoteFor, recipientsFor, subjectFor, type QuoteWords } from './quote';

describe('recipients of an answer', () => {
  test('a reply goes to the sender', () => {
    expect(recipientsFor('reply', message({}), alice)).toEqual({ to: [jana], cc: [] });
  });

  test('a reply to all leaves oneself out and nobody twice', () => {
    const everybody = message({ to: [{ ...alice, address: 'ALICE@n.example' }, marek, jana], cc: [sofia, marek] });
    expect(recipientsFor('reply_all', everybody, alice)).toEqual({ to: [jana, marek], cc: [sofia] });
  });

  test('an answer to what one sent goes to its recipients', () => {
    const sent = message({ from: alice, to: [marek], cc: [sofia] });
    expect(recipientsFor('reply', sent, alice)).toEqual({ to: [marek], cc: [] });
    expect(recipientsFor('reply_all', sent, alice)).toEqual({ to: [marek], cc: [sofia] });
  });

  test('a mail to oneself can be answered', () => {
    expect(recipientsFor('reply_all', message({ from: alice, to: [alice] }), alice)).toEqual({ to: [alice], cc: [] });
  });

  test('a forwarded mail has no recipient yet', () => {
    expect(recipientsFor('forward', message({}), alice)).toEqual({ to: [], cc: [] });
  });
});

test.each([
  ['reply', 'Lunch', 'Re: Lunch'],
  ['reply', 'AW: Re: RE[2]: Lunch', 'Re: Lunch'],
  ['forward', 'WG: Fwd: Lunch', 'Fwd: Lunch'],
  ['reply', 'Reise', 'Re: Reise'],
  ['reply', '', 'Re: '],
] as const)('the subject of a %s to %j', (answer, subject, expected) => {
  expect(subjectFor(answer, subject)).toBe(expected);
});

describe('quotation', () => {
  test('of a reply: marked, without the signature', () => {
    const text = 'Hi,\r\n\r\n> older\n\nBye\n-- \nJana\n';
    expect(quoteFor('reply', message({}), text, words)).toBe('\n\nJana wrote on D:\n> Hi,\n>\n>> older\n>\n> Bye\n');
  });

  test('of a forwarded mail: whole, under its head', () => {
    const quoted = quoteFor('forward', message({ cc: [sofia] }), 'Hi\n-- \nJana', words);
    expect(quoted).toBe(
      '\n\n---------- Forwarded ----------\nFrom: Jana <jana@n.example>\nDate: D\nSubject: Lunch\n' +
        'To: Alice <alice@n.example>\nCc: Sofia <sofia@n.example>\n\nHi\n-- \nJana\n',
    );
  });
});

const alice: Address = { name: 'Alice', address: 'alice@n.example' };
const jana: Address = { name: 'Jana', address: 'jana@n.example' };
const marek: Address = { name: 'Marek', address: 'marek@n.example' };
const sofia: Address = { name: 'Sofia', address: 'sofia@n.example' };

const words: QuoteWords = {
  wrote: (name, date) => `${name} wrote on ${date}:`,
  forwarded: 'Forwarded',
  from: 'From',
  date: 'Date',
  subject: 'Subject',
  to: 'To',
  cc: 'Cc',
  formatDate: () => 'D',
};

function message(change: Partial<MessageView>): MessageView {
  return {
    id: 1,
    folder: 5,
    from: jana,
    to: [alice],
    cc: [],
    bcc: [],
    subject: 'Lunch',
    date: '2026-11-22T10:00:00Z',
    read: true,
    flagged: false,
    flag: { state: 'none', due: null, completed: null },
    categories: [],
    importance: 'normal',
    preview: 'Hi',
    body: 'text',
    text: 'Hi',
    attachments: [],
    protection: 'none',
    security: null,
    refused: null,
    meeting: null,
    ...change,
  };
}
