// A contract server for the development and the tests of this page. It is not the app: it keeps nothing, encrypts
// nothing and knows one password. It answers the local API of `cordon-pim` with a mailbox of 100,000 messages, serves
// the built page and sets the headers that the app sets, so that a violation of them shows here first.
//
//   node web/pim/dev/server.mjs [--port N] [--container absent|key_wiped|locked|open] [--standing active|blocked|wiped]
//                               [--images never|ask] [--slow MS] [--warnings a,b] [--mail-password] [--sign-in]
//                               [--due weak|expired|card] [--card card|key_on_card] [--removed]
//                               [--imports a.p12,b.p12] [--delivered N] [--ends DAYS] [--outworn]
//
// It prints the address with a ticket as its first line. `POST /dev/…` steers it (see `steer`).
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { certificates, doubts, forget } from './certificates.mjs';
import { arrive, at, byId, count, find, folders, setRead } from './mailbox.mjs';
import { self } from './people.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, '../dist');
const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    container: { type: 'string', default: 'locked' },
    standing: { type: 'string' },
    images: { type: 'string', default: 'ask' },
    lock: { type: 'string', default: '900' },
    slow: { type: 'string', default: '0' },
    warnings: { type: 'string', default: '' },
    'mail-password': { type: 'boolean', default: false },
    'sign-in': { type: 'boolean', default: false },
    due: { type: 'string' },
    card: { type: 'string' },
    removed: { type: 'boolean', default: false },
    imports: { type: 'string', default: '' },
    delivered: { type: 'string', default: '0' },
    ends: { type: 'string', default: '300' },
    outworn: { type: 'boolean', default: false },
  },
});

export const PASSWORD = 'Sommerregen-27';
const RULES = {
  minimum_length: 12, digit: true, letter: false, upper_and_lower: true, symbol: true, kinds: 0, no_sequences: false, history: 5, days: 90,
  forbidden_words: [],
};
/** What a stricter policy of the mail server makes of them. */
const STRICT = { ...RULES, kinds: 4, letter: true, no_sequences: true, forbidden_words: ['cordon'] };
let present = PASSWORD;
let { due, outworn } = options;
const TRANSPORT_PASSWORD = 'transport';
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; " +
  "worker-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
  "require-trusted-types-for 'script'; trusted-types svelte-trusted-html default";
const WORKER_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; font-src 'self'; base-uri 'none'; object-src 'none'";
const FRAME_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";
const COMMON = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};
const TYPES = {
  '.css': 'text/css; charset=utf-8', '.csv': 'text/csv; charset=utf-8', '.html': 'text/html; charset=utf-8', '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8', '.json': 'application/json', '.mjs': 'text/javascript; charset=utf-8', '.pdf': 'application/pdf',
  '.png': 'image/png', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8', '.wasm': 'application/wasm', '.woff2': 'font/woff2',
};

const tickets = new Set();
const tokens = new Set();
const frames = new Map();
const waiting = new Set();
const changes = [];
let outbox = [];
let provider = 'good';
let sent = 0;
const state = {
  container: options.container,
  standing: options.standing ?? { absent: 'unregistered', key_wiped: 'wiped' }[options.container] ?? 'active',
  block_reason: options.standing === 'blocked' ? 'Als verloren gemeldet' : null,
  key_wiped_by: options.container === 'key_wiped' ? 'ordered' : null,
  account: options.container === 'absent' ? null : account(Number(options.ends)),
  opens_with: { by: options.card ?? 'password', card: options.card ? 'Alice Archer' : null },
  card_removed: options.removed ?? false,
  attempts_left: 5,
  needs_mail_password: options['mail-password'],
  needs_sign_in: options['sign-in'],
  signing_in: false,
  sign_in_failure: null,
  sync: { state: 'idle', last_success: new Date(Date.now() - 40_000).toISOString(), detail: null, done: 0, total: null },
  outbox: 0,
  delivered: Number(options.delivered),
  password_rules: RULES,
  remote_images: options.images,
  smime: { sign: false, encrypt: 'asked' },
  lock_after_seconds: Number(options.lock),
  policy: [],
  warnings: options.warnings.split(',').filter(Boolean),
  sequence: 1,
};

const server = createServer((request, response) => {
  answer(request, response).catch((thrown) => {
    process.stderr.write(`${thrown.stack}\n`);
    if (!response.headersSent) problem(response, 500, 'unexpected', String(thrown));
  });
});
server.listen(Number(options.port), '127.0.0.1', () => {
  process.stdout.write(`${address()}/#ticket=${makeTicket()}\n`);
});

async function answer(request, response) {
  for (const [name, value] of Object.entries(COMMON)) response.setHeader(name, value);
  const url = new URL(request.url, address());
  const path = decodeURI(url.pathname);
  if (request.headers.host !== new URL(address()).host) return end(response, 421);
  if (request.method !== 'GET' && request.headers.origin !== address() && !path.startsWith('/dev/')) return end(response, 403);
  if (path.startsWith('/dev/')) return steer(path.slice(5), request, response);
  if (path.startsWith('/frame/')) return frame(path.slice(7), response);
  if (!path.startsWith('/api/')) return file(path, response);

  response.setHeader('Cache-Control', 'no-store');
  if (path === '/api/door/redeem') return redeem(await body(request), response);
  if (!tokens.has(request.headers.authorization?.replace('Bearer ', ''))) {
    return tokens.size > 0 ? problem(response, 401, 'no_session', 'the session is over') : end(response, 404);
  }
  if (Number(options.slow) > 0) await new Promise((resolve) => setTimeout(resolve, Number(options.slow)));
  return api(request, response, url);
}

async function api(request, response, url) {
  const parts = url.pathname.split('/').slice(2).map(decodeURIComponent);
  const name = `${request.method} ${parts[0]}${parts.length > 2 ? `/${parts[2]}` : ''}`;
  if (name === 'GET state') return json(response, view());
  if (name === 'GET events') return events(Number(url.searchParams.get('after')), response);
  if (name === 'POST register') return register(await body(request), response);
  if (name === 'GET imports' || name === 'POST imports') return json(response, imports());
  if (name === 'POST renew') return renew(await body(request), response);
  if (name === 'POST restore') return restore(await body(request), response);
  if (name === 'POST unlock') return unlock(await body(request), response);
  if (name === 'POST lock') return (change({ container: 'locked' }, ['state']), json(response, view()));
  if (state.container !== 'open') return problem(response, 423, 'locked', 'the container is locked');

  switch (name) {
    case 'POST password': {
      const { password, new: next } = await body(request);
      if (password !== present) return wrong(response);
      const refused = choose(next);
      return refused ? problem(response, 422, ...refused) : json(response, view());
    }
    case 'POST mail-password':
      await body(request);
      change({ needs_mail_password: false }, ['state']);
      return json(response, view());
    case 'POST sign-in':
      await body(request);
      if (provider !== 'good') return problem(response, 502, provider, 'the identity provider cannot be used');
      change({ signing_in: true, sign_in_failure: null }, ['state']);
      return json(response, { url: 'https://login.example.test/auth?client_id=cordon-pim&state=0' });
    case 'POST touch':
      return end(response, 204);
    case 'POST sync':
      synchronise();
      return end(response, 202);
    case 'GET folders':
      return json(response, folders.map((folder) => ({ ...folder, total: count(folder.id) })));
    case 'GET folders/messages':
      return messages(Number(parts[1]), url, response);
    case 'POST search':
      return search(await body(request), response);
    case 'GET messages':
      return message(Number(parts[1]), response);
    case 'POST messages/frame':
      return makeFrame(Number(parts[1]), await body(request), response);
    case 'POST messages/read':
      setRead(Number(parts[1]), (await body(request)).read);
      tell(['folders']);
      return end(response, 204);
    case 'GET attachments':
      return attachment(Number(parts[1]), response);
    case 'POST outbox':
      return send(await body(request), response);
    case 'GET certificates':
      return json(response, certificates());
    case 'DELETE certificates':
      forget(Number(parts[1]));
      return end(response, 204);
    case 'GET outbox':
      return json(response, outbox);
    case 'DELETE outbox':
      outbox = outbox.filter((item) => item.id !== Number(parts[1]));
      change({ outbox: outbox.length }, ['outbox', 'state']);
      return end(response, 204);
    default:
      return problem(response, 404, 'not_found', 'no such path');
  }
}

function redeem({ ticket }, response) {
  if (!tickets.delete(ticket)) return problem(response, 401, 'ticket_refused', 'the ticket is unknown, used or too old');
  const token = randomBytes(32).toString('base64url');
  tokens.add(token);
  return json(response, { token });
}

async function register(request, response) {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  if (request.transport_password !== TRANSPORT_PASSWORD) {
    return problem(response, 422, 'wrong_transport_password', 'the file does not open with this password');
  }
  if (request.link.includes('pin=AAAA')) return problem(response, 502, 'untrusted', 'the server shows another certificate');
  if (request.link.includes('expired')) {
    return problem(response, 403, 'refused', 'the invitation is no longer valid', { reason: 'invitation_expired' });
  }
  change({ container: 'open', standing: 'active', account: account(Number(options.ends)) }, ['state']);
  synchronise();
  return json(response, view());
}

async function restore(request, response) {
  await new Promise((resolve) => setTimeout(resolve, 300));
  if (request.transport_password !== TRANSPORT_PASSWORD) {
    return problem(response, 422, 'wrong_transport_password', 'the file does not open with this password');
  }
  if (state.key_wiped_by === 'ordered' && !request.link) return problem(response, 403, 'needs_invitation', 'ask IT for a new invitation');
  if (request.link?.includes('pin=AAAA')) return problem(response, 422, 'other_server', 'the invitation is not by this server');
  if (state.block_reason) return problem(response, 403, 'blocked', 'the device is blocked', { reason: state.block_reason });
  change({ container: 'open', standing: 'active', key_wiped_by: null }, ['state']);
  return json(response, view());
}

/** What lies in the import folder: nothing, unless it is asked for. Nothing waits at the server. */
function imports() {
  return { folder: '~/.local/share/cordon-pim/import', files: options.imports.split(',').filter(Boolean), fetched: [] };
}

async function renew({ imported, transport_password: transport, password }, response) {
  await new Promise((resolve) => setTimeout(resolve, 300));
  if (transport !== TRANSPORT_PASSWORD) return problem(response, 422, 'wrong_transport_password', 'the file does not open with this password');
  if (imported === 'bob.p12') {
    const facts = { name: 'bob@example.test', wanted: self.address };
    return problem(response, 422, 'renewal_other_person', 'this certificate is for bob@example.test', facts);
  }
  if (password !== present) return wrong(response);
  outworn = false;
  change({ container: 'open', account: account(400), delivered: 0 }, ['state']);
  return json(response, view());
}

/** Whose mailbox it is, with a certificate for so many days. */
function account(days) {
  return { ...self, certificate_ends: new Date(Date.now() + (days - 0.5) * 86_400_000).toISOString() };
}

function wrong(response) {
  state.attempts_left -= 1;
  if (state.attempts_left === 0) change({ container: 'key_wiped', standing: 'wiped', key_wiped_by: 'wrong_passwords' }, ['state']);
  return problem(response, 401, 'wrong_password', 'the password is wrong', { attempts_left: state.attempts_left });
}

/** Takes a new password, or returns why not. */
function choose({ password, again }) {
  if (password !== again) return ['passwords_differ', 'the two passwords differ'];
  if (password === present) return ['password_used', 'this password was in use before'];
  present = password;
  due = undefined;
  return null;
}

/** The PIN is the one of all cards; other digits find out what a page says. */
function unlockWithCard({ pin }, response) {
  const said = { 111111: 'card_absent', 222222: 'no_reader', 333333: 'pin_blocked' }[pin];
  if (said) return problem(response, 409, said, 'the card cannot be used');
  if (pin === '444444') return problem(response, 409, 'card_other', 'another card', { wanted: 'Alice Archer' });
  if (pin !== '123456') return problem(response, 401, 'wrong_pin', 'the PIN is wrong', { attempts_left: 2 });
  change({ container: 'open', card_removed: false }, ['state']);
  return json(response, view());
}

function unlock({ password, pin, new: next }, response) {
  if (pin !== undefined) return unlockWithCard({ pin }, response);
  if (state.standing === 'wiped') return problem(response, 403, 'wiped', 'the key was wiped');
  if (state.standing === 'blocked') return problem(response, 403, 'blocked', 'the device is blocked', { reason: state.block_reason });
  if (password !== present) return wrong(response);
  if (outworn) return problem(response, 403, 'certificate_expired', 'the personal certificate has expired');
  if (due === 'card') {
    const facts = { opened_by: 'card', rules: RULES };
    if (next?.pin === undefined) return problem(response, 403, 'level_due', 'IT wants a smart card to open the container', facts);
    if (next.pin !== '123456') return unlockWithCard(next, response);
    due = undefined;
    change({ opens_with: { by: 'card', card: 'Alice Archer' } }, ['state']);
    return unlockWithCard(next, response);
  }
  const refused = next && choose(next);
  if (refused) return problem(response, 422, ...refused);
  if (due) {
    const broken = due === 'weak' ? ['no_sequences'] : [];
    const facts = { rules: due === 'weak' ? STRICT : RULES, broken, expired: due === 'expired' };
    return problem(response, 403, 'password_due', 'a new password has to be chosen', facts);
  }
  change({ container: 'open', attempts_left: 5 }, ['state']);
  return json(response, view());
}

function messages(folder, url, response) {
  const offset = Number(url.searchParams.get('offset'));
  const limit = Math.min(200, Number(url.searchParams.get('limit')));
  const total = count(folder);
  const items = [];
  for (let row = offset; row < Math.min(total, offset + limit); row += 1) items.push(item(at(folder, row)));
  return json(response, { total, items });
}

function search({ query, folder = null, offset = 0, limit = 200 }, response) {
  const found = find(query, folder);
  return json(response, { total: found.length, items: found.slice(offset, offset + Math.min(200, limit)).map(item), unindexed: 0 });
}

function message(id, response) {
  const found = byId(id);
  if (!found) return problem(response, 404, 'missing', 'no such message');
  const { cc, text, body: kind, protection, security, files } = found;
  const attachments = files.map((name, place) => ({
    id: id * 10 + place, name: title(name), type: TYPES[extname(name)].split(';')[0], size: bytes(name).length, inline: false, local: place < 2,
  }));
  return json(response, { ...item(found), cc, bcc: [], body: kind, text: kind === 'text' ? text : null, attachments, protection, security: security ?? null });
}

function makeFrame(id, { images }, response) {
  const found = byId(id);
  if (!found) return problem(response, 404, 'missing', 'no such message');
  const capability = randomBytes(32).toString('base64url');
  const picture = images && state.remote_images === 'ask' ? `<img width="560" src="data:image/png;base64,${bytes('grundriss.png').toString('base64')}">` : '';
  frames.set(capability, `<!doctype html><meta charset="utf-8"><body style="margin:16px">${(found.html ?? '').replace('{{image}}', picture)}`);
  return json(response, { url: `/frame/${capability}`, blocked_images: images ? 0 : found.images });
}

function frame(capability, response) {
  const html = frames.get(capability);
  if (!html) return end(response, 404);
  response.setHeader('Content-Security-Policy', FRAME_POLICY);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  return response.end(html);
}

async function attachment(id, response) {
  const name = byId(Math.floor(id / 10))?.files[id % 10];
  if (!name) return problem(response, 404, 'missing', 'no such attachment');
  response.setHeader('Content-Type', TYPES[extname(name)] ?? 'application/octet-stream');
  response.setHeader('Content-Disposition', 'inline');
  const content = bytes(name);
  response.setHeader('Content-Length', content.length);
  for (let at_ = 0; at_ < content.length; at_ += 16_384) response.write(content.subarray(at_, at_ + 16_384));
  return response.end();
}

function send(request, response) {
  if (request.subject.includes('zu groß')) return problem(response, 413, 'too_large', 'the mail is larger than allowed');
  const doubt = doubts(request);
  if (doubt) return problem(response, 409, 'certificates', 'the mail cannot be encrypted for everybody', doubt);
  sent += 1;
  const id = sent;
  const failed = request.subject.includes('Fehler');
  const created = new Date().toISOString();
  outbox = [...outbox, { id, to: request.to.map(toPerson), subject: request.subject, created, state: failed ? 'failed' : 'waiting', error: failed ? 'recipient_refused' : null }];
  change({ outbox: outbox.length }, ['outbox', 'state']);
  if (!failed) {
    setTimeout(() => (mark(id, 'sending'), tell(['outbox'])), 1200);
    setTimeout(() => {
      outbox = outbox.filter((one) => one.id !== id);
      const mine = request.to.some((one) => toPerson(one).address === self.address);
      if (mine) arrive(1, { from: self, subject: request.subject, text: request.text });
      change({ outbox: outbox.length }, mine ? ['outbox', 'state', 'folders', 'messages'] : ['outbox', 'state']);
    }, 3500);
  }
  return json(response, { id }, 202);
}

/** Makes things happen: `arrive`, `state` (merged), `outbox`, `provider` (`good`, or what is wrong with it), `ticket`, `forget` (ends all sessions). */
async function steer(what, request, response) {
  const given = await body(request);
  if (what === 'arrive') (arrive(given.number ?? 1), tell(['folders', 'messages']));
  else if (what === 'state') change(given, ['state']);
  else if (what === 'outbox') ((outbox = given), change({ outbox: outbox.length }, ['outbox', 'state']));
  else if (what === 'provider') provider = given.is;
  else if (what === 'ticket') return json(response, { url: `${address()}/#ticket=${makeTicket()}` });
  else if (what === 'forget') tokens.clear();
  else return end(response, 404);
  return end(response, 204);
}

function synchronise() {
  const total = 640;
  const step = (done) => {
    if (state.container !== 'open') return;
    const over = done >= total;
    const sync = { state: over ? 'idle' : 'syncing', last_success: over ? new Date().toISOString() : state.sync.last_success, detail: null, done: over ? 0 : done, total: over ? null : total };
    change({ sync }, over ? ['state', 'folders', 'messages'] : ['state']);
    if (!over) setTimeout(() => step(done + 80), 250);
  };
  step(0);
}

function change(values, topics) {
  Object.assign(state, values);
  tell(topics);
}

function tell(topics) {
  state.sequence += 1;
  changes.push({ sequence: state.sequence, topics });
  for (const wake of [...waiting]) wake();
}

function events(after, response) {
  const reply = () => {
    const news = changes.filter((one) => one.sequence > after);
    if (news.length === 0) return false;
    json(response, { sequence: state.sequence, topics: [...new Set(news.flatMap((one) => one.topics))] });
    return true;
  };
  if (reply()) return;
  const done = () => (clearTimeout(timer), waiting.delete(wake));
  const wake = () => reply() && done();
  const timer = setTimeout(() => (waiting.delete(wake), json(response, { sequence: state.sequence, topics: [] })), 25_000);
  waiting.add(wake);
  response.on('close', done);
}

function file(path, response) {
  const wanted = normalize(join(dist, path));
  const exists = wanted.startsWith(dist) && existsSync(wanted) && statSync(wanted).isFile();
  if (!exists && /\.[a-z0-9]+$/i.test(path)) return end(response, 404);
  const served = exists ? wanted : join(dist, 'index.html');
  const worker = /\/pdf\.worker[^/]*$/.test(served);
  response.setHeader('Content-Type', TYPES[extname(served)] ?? 'application/octet-stream');
  response.setHeader('Content-Security-Policy', worker ? WORKER_POLICY : PAGE_POLICY);
  response.setHeader('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store');
  return createReadStream(served).pipe(response);
}

function item({ id, folder, from, to, subject, date, read, flagged, importance, preview, files }) {
  return { id, folder, from, to, subject, date, read, flagged, importance, preview, attachments: files.length };
}

function toPerson(text) {
  const [, name, address] = /^(?:"?(.*?)"? <)?([^<>]+)>?$/.exec(text) ?? ['', '', text];
  return { name: name ?? '', address };
}

/** Whose mailbox it is, is told while the container is open. */
function view() {
  return { ...state, account: state.container === 'open' ? state.account : null };
}

function mark(id, next) {
  outbox = outbox.map((one) => (one.id === id ? { ...one, state: next } : one));
}

function title(name) {
  const titles = { 'konzept.pdf': 'Umzug Zürich, Konzept.pdf', 'grundriss.png': 'Grundriss 3. OG.png', 'kosten.csv': 'Kosten nach Gewerk.csv', 'protokoll.txt': 'Protokoll Lenkungskreis.txt' };
  return titles[name] ?? name;
}

function bytes(name) {
  if (name === 'kosten.csv') return Buffer.from(costs());
  if (name === 'protokoll.txt') return Buffer.from(minutes());
  return readFileSync(join(here, 'files', name));
}

function costs() {
  const trades = ['Verkabelung', 'Möbel', 'Netz', 'Gateway', 'Transport', 'Schließanlage', 'Beschilderung', 'Reinigung'];
  const rows = Array.from({ length: 400 }, (_, row) => {
    const net = ((row * 7919) % 24_000) + 0.5;
    return `${row + 1};${trades[row % trades.length]};"Los ${1 + (row % 12)}, ${row % 2 ? 'Ost' : 'West'}";${net.toFixed(2).replace('.', ',')};${(net * 1.081).toFixed(2).replace('.', ',')};${row % 5 ? 'bestellt' : 'offen'}`;
  });
  return `Position;Gewerk;Los;Netto EUR;Brutto EUR;Stand\r\n${rows.join('\r\n')}\r\n`;
}

function minutes() {
  const lines = ['Protokoll der 4. Sitzung des Lenkungskreises', '='.repeat(46), '', 'Anwesend: J. Brandt, M. Keller, A. Novak, S. Lindqvist', ''];
  for (let point = 1; point <= 14; point += 1) lines.push(`${point}. Punkt`, `   Der Stand wurde berichtet, ${point % 3 ? 'Beschluss vertagt' : 'einstimmig angenommen'}.`, '');
  return lines.join('\n');
}

function makeTicket() {
  const ticket = randomBytes(32).toString('base64url');
  tickets.add(ticket);
  return ticket;
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString() || '{}');
}

function json(response, value, status = 200) {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(value));
}

function problem(response, status, code, detail, facts = {}) {
  return json(response, { code, detail, ...facts }, status);
}

function end(response, status) {
  response.writeHead(status).end();
}

function address() {
  return `http://127.0.0.1:${server.address().port}`;
}
