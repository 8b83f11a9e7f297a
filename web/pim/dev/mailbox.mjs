// A mailbox of 100,000 messages, made on demand from their numbers.
import { featured } from './featured.mjs';
import { people, self } from './people.mjs';

export const folders = [
  { id: 5, parent: null, name: 'Posteingang', kind: 'inbox', total: 100_000, unread: 47, synced: true },
  { id: 2, parent: null, name: 'Entwürfe', kind: 'drafts', total: 3, unread: 0, synced: true },
  { id: 4, parent: null, name: 'Gesendet', kind: 'sent', total: 4_312, unread: 0, synced: true },
  { id: 6, parent: null, name: 'Junk', kind: 'junk', total: 18, unread: 6, synced: true },
  { id: 3, parent: null, name: 'Gelöscht', kind: 'deleted', total: 261, unread: 0, synced: true },
  { id: 11, parent: null, name: 'Projekte', kind: 'user', total: 0, unread: 0, synced: true },
  { id: 12, parent: 11, name: 'Umzug Zürich', kind: 'user', total: 842, unread: 12, synced: true },
  { id: 13, parent: 11, name: 'Gateway', kind: 'user', total: 1_204, unread: 0, synced: true },
  { id: 14, parent: null, name: 'Kunden', kind: 'user', total: 95, unread: 1, synced: true },
  { id: 15, parent: 14, name: 'Hartmann GmbH und Partnergesellschaften', kind: 'user', total: 377, unread: 0, synced: true },
  { id: 16, parent: null, name: 'Reisen', kind: 'user', total: 0, unread: 0, synced: true },
  { id: 17, parent: null, name: 'Archiv 2019', kind: 'user', total: 0, unread: 0, synced: false },
];

const subjects = [
  ['Rückfrage zur Abrechnung {n}', 'kannst du bitte kurz auf Position {n} schauen? Der Betrag weicht um 12 Euro vom Angebot ab.'],
  ['Termin am {d}', 'passt dir der {d} um 10 Uhr? Ich habe den kleinen Raum reserviert.'],
  ['Release {n}: notes and open points', 'the build is green on all platforms. Two points are open, both documented in the tracker.'],
  ['Re: Zugang für den Außendienst', 'erledigt, die Geräte sind aufgenommen. Bitte einmal am Gerät abmelden und neu starten.'],
  ['Urlaubsvertretung ab {d}', 'ich bin ab {d} zwei Wochen weg. Vertretung ist Jonas, die Liste liegt im Wiki.'],
  ['Invoice {n}', 'please find the invoice for last month attached. Payment is due within 14 days.'],
  ['Merge request !{n}: Bound the size of answers', 'the pipeline has passed. One reviewer asked for a test of the upper bound.'],
  ['Protokoll der Sitzung vom {d}', 'anbei das Protokoll. Einsprüche bitte bis zum Ende der Woche.'],
  ['Lieferung {n} verschoben', 'die Lieferung kommt einen Tag später, der Fahrer meldet sich am Vorabend.'],
  ['Kaffee?', 'in zehn Minuten unten?'],
  ['Feedback on the onboarding draft', 'I like the shorter version. The second screen could lose its last sentence.'],
  ['Wartung am Wochenende', 'Samstag von 22 bis 24 Uhr ist das Gateway B nicht erreichbar, A übernimmt.'],
];

/** A message's id is its folder's, times this, plus its number; those that arrive later count from `ARRIVED`. */
const STRIDE = 1_000_000;
const ARRIVED = 500_000;
const INBOX = 5;
/** How many messages of a folder are looked at for a search. */
const SEARCHED = 3_000;

const read = new Map();
const fresh = [];

export function count(folder) {
  return (folders.find(({ id }) => id === folder)?.total ?? 0) + (folder === INBOX ? fresh.length : 0);
}

/** The message at a row of a folder, newest first. */
export function at(folder, row) {
  if (folder === INBOX && row < fresh.length) return fresh[row];
  const number = folder === INBOX ? row - fresh.length : row;
  const written = folder === INBOX ? featured[number] : undefined;
  return written ? fromFeatured(written, number) : made(folder, number);
}

export function byId(id) {
  const kept = fresh.find((message) => message.id === id);
  if (kept) return kept;
  const [folder, number] = [Math.floor(id / STRIDE), id % STRIDE];
  const total = folders.find((one) => one.id === folder)?.total ?? 0;
  return number < total ? at(folder, number + (folder === INBOX ? fresh.length : 0)) : null;
}

/** The newest messages with all the words, and a few of the conditions that the app knows; of each folder only the newest. */
export function find(query, folder) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const places = folders.filter(({ id }) => folder === null || id === folder).map(({ id }) => id);
  const newest = places.flatMap((place) => Array.from({ length: Math.min(SEARCHED, count(place)) }, (_, row) => at(place, row)));
  const found = words.length === 0 ? [] : newest.filter((message) => words.every((word) => meets(message, word)));
  return found.sort((a, b) => b.date.localeCompare(a.date) || b.id - a.id);
}

function meets({ from, to, subject, text, read, files }, word) {
  const people = (list) => list.map(({ name, address }) => `${name} ${address}`).join(' ').toLowerCase();
  if (word === 'is:unread') return !read;
  if (word === 'has:attachment') return files.length > 0;
  if (word.startsWith('from:')) return people([from]).includes(word.slice(5));
  return `${subject} ${text} ${people([from, ...to])}`.toLowerCase().includes(word);
}

export function setRead(id, value) {
  const message = byId(id);
  if (!message || message.read === value) return;
  read.set(id, value);
  message.read = value;
  const folder = folders.find((one) => one.id === message.folder);
  if (folder) folder.unread = Math.max(0, folder.unread + (value ? -1 : 1));
}

/** New messages in the inbox; `written` says what a message is to be. */
export function arrive(number = 1, written = {}) {
  for (let left = number; left > 0; left -= 1) {
    const id = INBOX * STRIDE + ARRIVED + fresh.length;
    const from = written.from ?? people[(fresh.length * 5) % people.length];
    const text = written.text ?? `Diese Nachricht ist gerade angekommen.\n\nGruß\n${from.name.split(' ')[0]}\n`;
    fresh.unshift({
      id, folder: INBOX, from, to: [self], cc: [], subject: written.subject ?? `Neu eingetroffen ${fresh.length + 1}`, date: new Date().toISOString(), read: false,
      flagged: false, importance: 'normal', preview: text.split('\n')[0], text, body: 'text', protection: 'none', files: [], images: 0,
    });
    folders[0].unread += 1;
  }
}

const started = Date.now();

function fromFeatured(written, number) {
  const id = INBOX * STRIDE + number;
  const { text } = written;
  return {
    id, folder: INBOX, from: written.from, to: written.to, cc: written.cc ?? [], subject: written.subject,
    date: new Date(started - written.minutes * 60_000).toISOString(),
    read: read.get(id) ?? written.read ?? false, flagged: written.flagged ?? false, importance: written.importance ?? 'normal',
    preview: text.replace(/\s+/g, ' ').slice(0, 140), text, html: written.html ?? null,
    body: written.none ? 'none' : written.html ? 'html' : 'text', protection: written.protection ?? 'none', security: written.security ?? null,
    files: written.files ?? [], images: written.images ?? 0,
  };
}

function made(folder, number) {
  const id = folder * STRIDE + number;
  const dice = random(number * 31 + folder * 7919);
  const other = people[Math.floor(dice() * people.length)];
  const sent = folder === 4 || folder === 2;
  const [subject, body] = subjects[Math.floor(dice() * subjects.length)];
  const date = new Date(started - (2_400 + number * 13 + Math.floor(dice() * 9)) * 60_000);
  const day = `${date.getDate()}.${date.getMonth() + 1}.`;
  const fill = (text) => text.replaceAll('{n}', String(1000 + (number % 9000))).replaceAll('{d}', day);
  const greeting = /[äöüß]|bitte|der |ist /.test(body) ? ['Hallo Alice,', 'Viele Grüße'] : ['Hi Alice,', 'Best'];
  const text = `${greeting[0]}\n\n${fill(body)}\n\n${greeting[1]}\n${other.name.split(' ')[0]}\n`;
  const unread = folder === INBOX ? number < 140 && dice() < 0.32 : folder === 12 ? number < 12 : folder === 6 ? number < 6 : false;
  return {
    id, folder, from: sent ? self : other, to: [sent ? other : self], cc: [], subject: fill(subject), date: date.toISOString(),
    read: read.get(id) ?? !unread, flagged: dice() < 0.03, importance: dice() < 0.02 ? 'high' : 'normal',
    preview: text.replace(/\s+/g, ' ').slice(0, 140), text, html: null, body: 'text', protection: 'none',
    files: dice() < 0.16 ? ['konzept.pdf'] : [], images: 0,
  };
}

function random(seed) {
  let state = seed + 0x6d2b79f5;
  return () => {
    state = Math.imul(state ^ (state >>> 15), state | 1);
    state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
    return ((state ^ (state >>> 14)) >>> 0) / 4294967296;
  };
}
