// The app's page in a real browser: unlock, read, view attachments, write, send, lock; each screen in every look.
//
//   node web/e2e/pim.mjs [URL] [--looks LOOKS] [--shots DIRECTORY]
//
// URL is what `cordon-pim` hands to the browser, ticket included; its container has to be locked. Without it the contract
// server of the page is started, and `npm run build --workspace pim` has to have run. LOOKS are names such as
// de-dark-390, separated by commas; without it, all. With --shots a picture of each screen in each look is written to the
// directory. Environment: APP_PASSWORD (the container's), CHROMIUM.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { accessibility, ensure, looksOf, nameOf, none, open, overflow, suite } from './lib.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { looks: { type: 'string' }, shots: { type: 'string' } },
});
const [given] = positionals;
const looks = looksOf(values.looks);
const fixture = given ? null : await startFixture();
const url = given ?? fixture.url;
const { origin } = new URL(url);
const password = process.env.APP_PASSWORD ?? 'Sommerregen-27';
const pictures = values.shots;
if (pictures) mkdirSync(pictures, { recursive: true });

/** How many messages are searched for attachments of each kind. */
const SEARCHED = 400;
const KINDS = { pdf: /\.pdf$/i, image: /\.(png|jpe?g|gif|webp)$/i, text: /\.(txt|log|csv)$/i };
/** What the banner of the sign-in and the dialogs of the password say. */
const WORDS = {
  de: {
    signIn: 'Anmelden',
    open: 'Seite für die Anmeldung öffnen',
    wanted: 'verlangt, dass Sie sich im Browser anmelden',
    unfit: 'nicht brauchbar',
    unreachable: 'Der Identitätsanbieter antwortet nicht',
    waits: 'Die App wartet auf Ihre Anmeldung',
    refused: 'Die Anmeldung wurde abgelehnt',
    due: 'Neues Passwort nötig',
    pin: 'PIN der Smartcard',
    cardRemoved: 'weil die Smartcard gezogen wurde',
    cardAbsent: 'In keinem Leser steckt eine Karte',
    cardOther: 'Das ist nicht die Karte',
    cardBlocked: 'nach zu vielen falschen Eingaben gesperrt',
    cardWrong: 'dann sperrt sich die Karte',
    cardDue: 'Ihre Smartcard öffnet von jetzt an',
    renew: 'Neues Zertifikat importieren',
    ends: 'in 20 Tagen',
    endsSoon: 'in 5 Tagen',
    importNew: 'Neues importieren',
    importFile: 'Zertifikatsdatei im Importordner',
    arrived: 'Ein neues Zertifikat von der IT ist angekommen.',
    transport: 'Transportpasswort der Datei',
    cordonPassword: 'Passwort von Cordon',
    somebodyElse: 'gehört jemand anderem',
    importDo: 'Importieren',
    renewed: 'Ihr neues Zertifikat ist in Gebrauch',
    expired: 'abgelaufen',
    newPassword: 'Neues Passwort',
    repeat: 'Neues Passwort wiederholen',
    weak: 'erfüllt noch nicht alle Regeln',
    used: 'schon einmal in Gebrauch',
    more: 'Mehr',
    menu: 'Konto',
    change: 'Passwort ändern',
    now: 'Bisheriges Passwort',
    wrong: 'Dieses Passwort ist falsch',
    changed: 'Das Passwort ist geändert',
  },
  en: {
    signIn: 'Sign in',
    open: 'Open the sign-in page',
    wanted: 'wants you to sign in with the browser',
    unfit: 'cannot be used as it is set up',
    unreachable: 'The identity provider does not answer',
    waits: 'The app waits for your sign-in',
    refused: 'The sign-in was refused',
    due: 'A new password is needed',
    pin: 'PIN of the smart card',
    cardRemoved: 'because the smart card was pulled out',
    cardAbsent: 'There is no card in a reader',
    cardOther: 'This is not the card',
    cardBlocked: 'blocked after too many wrong entries',
    cardWrong: 'attempts left until the card blocks',
    cardDue: 'Your smart card opens from now on',
    renew: 'Import a new certificate',
    ends: 'in 20 days',
    endsSoon: 'in 5 days',
    importNew: 'Import a new one',
    importFile: 'Certificate file in the import folder',
    arrived: 'A new certificate from IT has arrived.',
    transport: 'Transport password of the file',
    cordonPassword: 'Password of Cordon',
    somebodyElse: 'is for somebody else',
    importDo: 'Import',
    renewed: 'Your new certificate is in use',
    expired: 'expired',
    newPassword: 'New password',
    repeat: 'Repeat the new password',
    weak: 'does not keep all rules yet',
    used: 'was in use before',
    more: 'More',
    menu: 'Account',
    change: 'Change password',
    now: 'Current password',
    wrong: 'This password is wrong',
    changed: 'The password is changed',
  },
};
const subject = `Ein Gruß ${Date.now()}`;

// The browser itself logs answers that the suite provokes: a used ticket, a wrong password.
const provoked = (fault) => /status of (401|403)/.test(fault) && /\/api\/(door\/redeem|unlock)/.test(fault);
const browser = await open(origin, { language: 'de', expected: provoked });
const { page, context, faults } = browser;
const { step, end } = suite('page of the app');
const found = {};

try {
  await step('a page without a ticket says how to open it', async () => {
    const stranger = await context.newPage();
    await stranger.goto(`${origin}/`);
    await stranger.getByRole('heading', { name: 'Öffnen Sie Cordon aus der App' }).waitFor();
    none(await accessibility(stranger), 'accessibility');
    await stranger.close();
  });

  await step('the ticket opens the page, leaves the address and is good once', async () => {
    await page.goto(url);
    await page.locator('input[name=password]').waitFor();
    ensure(!page.url().includes('ticket'), 'the ticket is still in the address');
    const second = await context.newPage();
    await second.goto(url);
    await second.getByRole('heading', { name: 'Dieser Link wurde schon benutzt' }).waitFor();
    await second.close();
  });

  await step('a wrong password is counted and explained', async () => {
    await page.fill('input[name=password]', 'not the password');
    await page.keyboard.press('Enter');
    await page.getByText('Dieses Passwort ist falsch.').waitFor();
    ensure((await page.inputValue('input[name=password]')) === '', 'the wrong password stays in the field');
    await shoot('unlock');
  });

  await step('the password unlocks', unlock);

  await step('the folders are listed, the inbox first', async () => {
    const names = await page.locator('nav[aria-label=Ordner] a .name').allTextContents();
    ensure(names[0] === 'Posteingang', `the first folder is ${names[0]}`);
    ensure((await count()) > 0, 'the inbox is empty');
  });

  await step('keys move through the list and open messages', async () => {
    await page.locator('[role=listbox]').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.locator('article h2').waitFor();
    ensure((await active()) === 1, `the second row should be active, it is ${await active()}`);
    await page.keyboard.press('k');
    ensure((await active()) === 0, 'k goes up');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'message');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'listbox');
  });

  await step('a search follows the typing, here and everywhere, and Escape ends it', async () => {
    const before = await count();
    const word = await page.locator('[role=option] .subject').first().evaluate((row) => /\p{L}{4,}/u.exec(row.textContent)?.[0] ?? '');
    ensure(word !== '', 'the newest subject has no word');
    await page.keyboard.press('/');
    await page.keyboard.type(word);
    const box = page.getByRole('searchbox', { name: 'Nachrichten suchen' });
    await page.getByText(/^(Ein|[\d.]+) Treffer$/).waitFor();
    await page.locator('[role=option]', { hasText: new RegExp(word, 'i') }).first().waitFor();
    ensure((await count()) <= before || before < 100, 'the search shows the folder');
    ensure(!page.url().toLowerCase().includes(word.toLowerCase()), 'what was typed is in the address');
    await page.getByRole('radio', { name: 'Dieser Ordner' }).check();
    await page.locator('[role=option]', { hasText: new RegExp(word, 'i') }).first().waitFor();
    await shoot('search');
    await box.press('Enter');
    await page.keyboard.press('Home');
    await page.locator('article h2').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('qqqq-nirgends');
    await page.getByText('Nichts gefunden').waitFor();
    none(await accessibility(page), 'accessibility');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'listbox');
    await page.locator('[role=option]').first().waitFor();
    ensure((await box.inputValue()) === '' && (await count()) === before, 'Escape does not bring the folder back');
  });

  await step('a message with attachments of each kind is found', async () => {
    const wanted = ['html', ...Object.keys(KINDS)];
    await page.locator('[role=listbox]').focus();
    await page.keyboard.press('Home');
    for (let row = 0; row < Math.min(SEARCHED, await count()) && !wanted.every((kind) => found[kind]); row += 1) {
      await opened(row);
      await look();
      await page.keyboard.press('ArrowDown');
    }
    for (const kind of wanted) ensure(found[kind], `no message with ${kind} in the first ${SEARCHED}`);
  });

  await step('an HTML body is framed without script or origin', async () => {
    await page.goto(found.html.place);
    const frame = page.locator('iframe');
    await frame.waitFor();
    ensure((await frame.getAttribute('sandbox')) === 'allow-popups allow-popups-to-escape-sandbox', 'the sandbox is not tight');
    const answer = await page.request.get(new URL(await frame.getAttribute('src'), origin).href);
    if (answer.ok()) {
      ensure(answer.headers()['content-security-policy']?.includes("default-src 'none'"), 'the frame has no policy of its own');
    }
    await shoot('message');
  });

  await step('a PDF is drawn, searched and has pages', async () => {
    await view('pdf');
    await page.locator('.pdfViewer .page[data-loaded] canvas').first().waitFor();
    const pages = await page.locator('.pdfViewer .page').count();
    ensure((await page.locator('.tools .total').textContent())?.trim() === `/ ${pages}`, 'the number of pages is wrong');
    const word = await page.evaluate(() => /\p{L}{4,}/u.exec(document.querySelector('.textLayer')?.textContent ?? '')?.[0] ?? '');
    ensure(word !== '', 'the document has no text');
    await page.fill('.viewer input[type=search]', word);
    await page.locator('.textLayer .highlight.selected').first().waitFor();
    await shoot('pdf');
    await close();
  });

  await step('a picture is shown', async () => {
    await view('image');
    await page.waitForFunction(() => (document.querySelector('.stage img')?.naturalWidth ?? 0) > 0);
    await shoot('picture');
    await close();
  });

  await step('a text or table is shown', async () => {
    await view('text');
    await page.locator('.viewer [role=region] :is(.line, [role=cell])').first().waitFor();
    await shoot('text');
    await close();
  });

  await step('an answer quotes, and survives a look elsewhere', async () => {
    await page.goto(found.html.place);
    await page.locator('iframe').waitFor();
    await page.keyboard.press('r');
    const text = page.locator('form textarea');
    await text.waitFor();
    ensure(/^> /m.test(await text.inputValue()), 'nothing is quoted');
    await text.press('Control+Home');
    await page.keyboard.type('Danke, gelesen.');
    await page.goBack();
    await page.locator('iframe').waitFor();
    await page.locator('nav', { hasText: 'In Arbeit' }).getByRole('link').first().click();
    ensure((await text.inputValue()).startsWith('Danke, gelesen.'), 'the draft was lost');
    await page.getByRole('button', { name: 'Verwerfen' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Verwerfen' }).click();
    await text.waitFor({ state: 'detached' });
  });

  await step('a mail is written, checked and sent, and arrives', async () => {
    const self = await page.evaluate(() => document.querySelector('.account .address')?.textContent ?? '');
    ensure(self.includes('@'), 'the account has no address');
    await page.keyboard.press('c');
    await page.locator('form textarea').waitFor();
    await page.keyboard.type('kein-name, ');
    await page.fill('#subject', subject);
    await page.fill('form textarea', 'Grüße aus der Prüfung.\n');
    await page.getByRole('button', { name: 'Senden' }).click();
    await page.getByText('Korrigieren Sie die markierten Empfänger.').waitFor();
    await shoot('compose');
    await page.locator('.chip.bad .remove').click();
    await page.keyboard.type(`${self}, `);
    await page.setInputFiles('form input[type=file]', { name: 'gruss.txt', mimeType: 'text/plain', buffer: Buffer.from('Grüße\n') });
    await page.getByText('gruss.txt').waitFor();
    await page.getByRole('button', { name: 'Senden' }).click();
    await page.locator('form textarea').waitFor({ state: 'detached' });
    await page.locator('a.outbox').click();
    await page.getByRole('heading', { name: 'Postausgang' }).waitFor();
    await page.getByText('Alles ist gesendet').waitFor({ timeout: 60_000 });
    await page.goto(found.inbox);
    await newest();
    await page.locator('[role=option]', { hasText: subject }).first().waitFor({ timeout: 60_000 });
  });

  await step('the sheet of keys opens and closes by keyboard', async () => {
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Tastenkürzel' }).waitFor();
    none(await accessibility(page), 'accessibility');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Tastenkürzel' }).waitFor({ state: 'detached' });
  });

  for (const appearance of looks) {
    await step(`every screen in ${nameOf(appearance)}`, () => tour(appearance));
  }

  await step('locking leaves nothing readable in the page or its memory', async () => {
    await wear(looks[0]);
    await page.goto(found.text.place);
    await page.locator('article h2').waitFor();
    const seen = [subject, (await page.locator('article h2').textContent()).trim()];
    await page.goto(found.inbox);
    await newest();
    await page.locator('[role=option]', { hasText: subject }).first().waitFor();
    const before = await heap();
    for (const text of seen) ensure(before.includes(inHeap(text)), `the measure is blind to: ${text}`);
    await page.evaluate(() => (globalThis.old = true));
    await page.keyboard.press('Control+Shift+L');
    await page.waitForFunction(() => !globalThis.old);
    await page.locator('input[name=password]').waitFor();
    const memory = await heap();
    for (const text of seen) ensure(!memory.includes(inHeap(text)), `still in memory: ${text}`);
    ensure((await page.locator('iframe').count()) === 0, 'a frame is left');
  });

  await step('the password unlocks again, at the same place', async () => {
    await unlock();
    ensure(page.url().includes('#/mail/'), `the place is ${page.url()}`);
  });

  await step('no request left the origin, no policy was violated, nothing was logged', async () => none(faults, 'faults'));

  await step('a key that IT removed is put back with certificate and invitation', restoreKey);

  await step('a password that is due is changed at the door, and another one inside', newPassword);
  await step('a smart card opens in place of the password', smartCard);
  await step('another certificate takes the place of one that ends', renewal);
  await step('a sign-in in the browser is begun by keyboard, and each way it ends is told', signIn);
} finally {
  await browser.close();
  fixture?.stop();
}
process.exitCode = end();

async function unlock() {
  await page.fill('input[name=password]', password);
  await page.keyboard.press('Enter');
  await page.locator('[role=option] time').first().waitFor({ timeout: 60_000 });
  found.inbox ??= page.url();
}

/** Brings the top of the list into sight, which draws no more than that. */
async function newest() {
  await page.locator('[role=listbox]').evaluate((list) => list.scrollTo(0, 0));
}

async function active() {
  return Number(await page.getAttribute('[role=option][aria-selected=true]', 'data-row'));
}

async function count() {
  return Number(await page.locator('[role=option]').first().getAttribute('aria-setsize'));
}

/** Waits until the message of a row is the one that is shown. */
async function opened(row) {
  await page.waitForFunction((wanted) => {
    const subject = document.querySelector(`[role=option][aria-selected=true][data-row="${wanted}"] .subject`)?.textContent;
    return subject !== undefined && document.querySelector('article h2')?.textContent === subject;
  }, row);
}

/** Notes the first message of each kind: an HTML body, an attachment that each viewer shows. */
async function look() {
  const place = page.url();
  const names = await page.locator('article section li a').evaluateAll((links) => links.map(({ title, href }) => ({ title, href })));
  if (!found.html && (await page.locator('.paper').count()) > 0) found.html = { place };
  for (const [kind, pattern] of Object.entries(KINDS)) {
    const file = names.find(({ title }) => pattern.test(title));
    if (file) found[kind] ??= { place, file: file.href };
  }
}

async function view(kind) {
  await page.goto(found[kind].place);
  await page.locator('article h2').waitFor();
  await page.locator(`article section a[href="${new URL(found[kind].file).hash}"]`).click();
  await page.locator('.viewer h2').waitFor();
}

async function close() {
  await page.keyboard.press('Escape');
  if ((await page.locator('.viewer').count()) > 0) await page.keyboard.press('Escape');
  await page.locator('.viewer').waitFor({ state: 'detached' });
}

/** Puts the open page into another look; the session outlives the reload. */
async function wear({ language, theme, width }) {
  await page.setViewportSize({ width, height: width < 640 ? 844 : 860 });
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.evaluate((chosen) => localStorage.setItem('cordon-preferences', JSON.stringify({ language: chosen })), language);
  await page.goto(found.inbox);
  await page.reload();
  await page.locator('[role=option] time').first().waitFor();
}

async function tour(appearance) {
  await wear(appearance);
  const name = nameOf(appearance);
  const lines = [];
  const check = async (screen) => {
    await page.waitForTimeout(150);
    lines.push(...(await accessibility(page, ['.pdfViewer'])).map((line) => `${screen}: ${line}`));
    lines.push(...(await overflow(page)).map((line) => `${screen}: ${line}`));
    if (pictures) await page.screenshot({ path: join(pictures, `pim-${screen}-${name}.png`) });
  };
  await check('list');
  const box = page.getByRole('searchbox');
  await box.fill('e');
  await page.getByRole('radio').first().waitFor();
  await page.locator('[role=option], .empty').first().waitFor();
  await check('search');
  await box.press('Escape');
  for (const [screen, place, ready] of [
    ['message', found.html.place, 'iframe'],
    ['pdf', found.pdf.file, '.pdfViewer .page[data-loaded]'],
    ['picture', found.image.file, '.stage img'],
    ['text', found.text.file, '.viewer [role=region] :is(.line, [role=cell])'],
    ['outbox', `${origin}/#/outbox`, 'section.whole h1'],
    ...(appearance.width < 640 ? [['folders', `${origin}/#/folders`, 'section.folders nav a']] : []),
  ]) {
    await page.goto(place);
    await page.locator(ready).first().waitFor();
    await check(screen);
  }
  await page.goto(found.inbox);
  await page.keyboard.press('c');
  await page.locator('form textarea').waitFor();
  await check('compose');
  none(lines, 'findings');
}

/** A picture for the documentation of the step just done. */
async function shoot(name) {
  if (pictures) await page.screenshot({ path: join(pictures, `pim-step-${name}.png`) });
}

/** Everything the page's memory holds, as text. */
async function heap() {
  const session = await context.newCDPSession(page);
  const chunks = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', {});
  await session.detach();
  const text = chunks.join('');
  ensure(text.includes('HTMLDocument'), 'the snapshot is empty');
  return text;
}

/** How a heap snapshot writes a text. */
function inHeap(text) {
  const escape = (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return JSON.stringify(text).slice(1, -1).replace(/[^\x20-\x7e]/g, escape);
}

/** Against the contract server, because the real one would have to wipe the key first. */
async function restoreKey() {
  const wiped = await startFixture('--container', 'key_wiped');
  const place = new URL(wiped.url).origin;
  const refused = (fault) => /status of (403|422)/.test(fault) && /\/api\/restore/.test(fault);
  const other = await open(place, { language: 'en', expected: refused });
  try {
    const form = other.page;
    await form.goto(wiped.url);
    await form.getByRole('heading', { name: 'The key was removed' }).waitFor();
    none(await accessibility(form), 'accessibility');
    const put = form.getByRole('button', { name: 'Make it readable again' });
    await put.click();
    await form.getByText('Choose your certificate file.').waitFor();
    // As much of a certificate file as the page looks at.
    const buffer = Buffer.concat([Buffer.from([0x30, 0x82, 8, 0, 2, 1, 3]), Buffer.alloc(64)]);
    await form.locator('input[type=file]').setInputFiles({ name: 'alice.p12', mimeType: 'application/x-pkcs12', buffer });
    const link = (pin) => `https://cordon.example/join#code=${'A'.repeat(26)}&pin=${pin.repeat(43)}`;
    await form.getByLabel('Transport password of the file').fill('transport');
    await form.getByLabel('Link of the new invitation').fill(link('A'));
    await form.getByLabel('New password', { exact: true }).fill('Winterregen-28');
    await form.getByLabel('Repeat the new password').fill('Winterregen-28');
    await put.click();
    await form.getByText('This invitation is not from the server').waitFor();
    none(await accessibility(form), 'accessibility');
    await form.getByLabel('Link of the new invitation').fill(link('x'));
    await put.click();
    await form.locator('[role=option]').first().waitFor();
    none(other.faults, 'faults');
  } finally {
    await other.close();
    wiped.stop();
  }
}

/** Against the contract server, because nothing else makes a password too old when that is wanted. */
async function newPassword() {
  for (const look of looks) {
    for (const due of ['weak', 'expired']) await changeDue(look, due);
  }
}

async function changeDue(look, due) {
  const server = await startFixture('--due', due);
  const expected = (fault) => /status of (401|403|422)/.test(fault) && /\/api\/(unlock|password)/.test(fault);
  const other = await open(new URL(server.url).origin, { ...look, expected });
  const words = WORDS[look.language];
  const { page: app } = other;
  const check = async (screen) => {
    none([...(await accessibility(app)), ...(await overflow(app))], screen);
    if (pictures) await app.screenshot({ path: join(pictures, `pim-${screen}-${due}-${nameOf(look)}.png`) });
  };
  const choose = async (value, again = value) => {
    await app.getByLabel(words.newPassword, { exact: true }).fill(value);
    await app.getByLabel(words.repeat).fill(again);
    await app.keyboard.press('Enter');
  };
  try {
    await app.goto(server.url);
    await app.locator('input[type=password]').fill('Sommerregen-27');
    await app.keyboard.press('Enter');
    await app.getByRole('heading', { name: words.due }).waitFor();
    ensure(await app.getByLabel(words.newPassword, { exact: true }).evaluate((field) => field === document.activeElement), 'focus');
    await check('password-due');
    if (due === 'weak') {
      await choose('Winterregen-1234');
      await app.getByText(words.weak).waitFor();
    }
    await choose('Sommerregen-27');
    await app.getByText(words.used).waitFor();
    await check('password-used');
    await choose('Winterregen-28');
    await app.locator('[role=option], .folders nav a').first().waitFor();

    if (look.width < 640) await app.getByRole('button', { name: words.more }).click();
    else await app.getByRole('button', { name: words.menu }).click();
    await app.getByRole(look.width < 640 ? 'button' : 'menuitem', { name: words.change }).click();
    await app.getByLabel(words.now).fill('Sommerregen-27');
    await choose('Herbstregen-29');
    await app.getByText(words.wrong).waitFor();
    await check('password-change');
    await app.getByLabel(words.now).fill('Winterregen-28');
    await choose('Herbstregen-29');
    await app.getByText(words.changed).waitFor();
    none(other.faults, 'faults');
  } finally {
    await other.close();
    server.stop();
  }
}

/** Against the contract server: what a card in a reader does is tested with the program itself. */
async function smartCard() {
  for (const look of looks) {
    const server = await startFixture('--card', 'key_on_card', '--removed');
    const expected = (fault) => /status of (401|403|409)/.test(fault) && /\/api\/unlock/.test(fault);
    const other = await open(new URL(server.url).origin, { ...look, expected });
    const words = WORDS[look.language];
    const { page: app } = other;
    const check = async (screen) => {
      none([...(await accessibility(app)), ...(await overflow(app))], screen);
      if (pictures) await app.screenshot({ path: join(pictures, `pim-card-${screen}-${nameOf(look)}.png`) });
    };
    const enter = async (pin, text) => {
      await app.getByLabel(words.pin).fill(pin);
      await app.keyboard.press('Enter');
      if (text) await app.getByText(text).waitFor();
    };
    try {
      await app.goto(server.url);
      await app.getByText(words.cardRemoved).waitFor();
      await check('removed');
      await enter('111111', words.cardAbsent);
      ensure(await app.getByLabel(words.pin).evaluate((field) => field === document.activeElement), 'focus');
      await enter('444444', words.cardOther);
      await enter('333333', words.cardBlocked);
      await check('blocked');
      await enter('654321', words.cardWrong);
      await check('wrong');
      await enter('123456');
      await app.locator('[role=option], .folders nav a').first().waitFor();
      none(other.faults, 'faults');
    } finally {
      await other.close();
      server.stop();
    }
    await cardInPlaceOfPassword(look);
  }
}

async function renewal() {
  for (const look of looks) {
    await renewInside(look);
    await renewAtTheDoor(look);
  }
}

async function renewInside(look) {
  const server = await startFixture('--container', 'open', '--ends', '20', '--imports', 'alice-2027.p12,bob.p12', '--delivered', '1');
  const expected = (fault) => /status of (401|422)/.test(fault) && /\/api\/renew/.test(fault);
  const other = await open(new URL(server.url).origin, { ...look, expected });
  const words = WORDS[look.language];
  const { page: app } = other;
  const check = async (screen) => {
    none([...(await accessibility(app)), ...(await overflow(app))], screen);
    if (pictures) await app.screenshot({ path: join(pictures, `pim-renewal-${screen}-${nameOf(look)}.png`) });
  };
  try {
    await app.goto(server.url);
    await app.getByText(words.ends).waitFor();
    await app.getByText(words.arrived).waitFor();
    await check('banner');
    await app.getByRole('button', { name: words.importNew }).press('Enter');
    const dialog = app.getByRole('dialog');
    await dialog.getByLabel(words.importFile).selectOption('bob.p12');
    await dialog.getByRole('button', { name: words.importDo, exact: true }).click();
    ensure((await dialog.locator('[aria-invalid=true]').count()) === 2, 'both passwords are missing');
    await check('missing');
    await dialog.getByLabel(words.transport, { exact: true }).fill('transport');
    await dialog.getByLabel(words.cordonPassword, { exact: true }).fill('Sommerregen-27');
    await app.keyboard.press('Enter');
    await dialog.getByText(words.somebodyElse).waitFor();
    await check('refused');
    await dialog.getByLabel(words.importFile).selectOption('alice-2027.p12');
    await dialog.getByLabel(words.cordonPassword, { exact: true }).fill('Sommerregen-27');
    await app.keyboard.press('Enter');
    await app.getByText(words.renewed).waitFor();
    ensure((await app.getByText(words.ends).count()) === 0, 'the banner is gone');
    ensure((await app.getByText(words.arrived).count()) === 0, 'and so is that of the one that arrived');
    none(other.faults, 'faults');
  } finally {
    await other.close();
    server.stop();
  }
}

async function renewAtTheDoor(look) {
  const server = await startFixture('--outworn');
  const expected = (fault) => /status of (401|403)/.test(fault) && /\/api\/(unlock|renew)/.test(fault);
  const other = await open(new URL(server.url).origin, { ...look, expected });
  const words = WORDS[look.language];
  const { page: app } = other;
  try {
    await app.goto(server.url);
    await app.locator('input[type=password]').fill('Sommerregen-27');
    await app.keyboard.press('Enter');
    await app.getByText(words.expired).waitFor();
    if (pictures) await app.screenshot({ path: join(pictures, `pim-renewal-door-${nameOf(look)}.png`) });
    await app.getByRole('button', { name: words.renew }).click();
    const dialog = app.getByRole('dialog');
    const file = { name: 'alice.p12', mimeType: 'application/x-pkcs12', buffer: Buffer.concat([Buffer.from([0x30, 0x82, 1, 0, 2, 1, 3]), Buffer.alloc(64)]) };
    await dialog.locator('input[type=file]').setInputFiles(file);
    await dialog.getByLabel(words.transport, { exact: true }).fill('transport');
    await dialog.getByLabel(words.cordonPassword, { exact: true }).fill('Sommerregen-27');
    none([...(await accessibility(app)), ...(await overflow(app))], 'renewal at the door');
    if (pictures) await app.screenshot({ path: join(pictures, `pim-renewal-dialog-${nameOf(look)}.png`) });
    await app.keyboard.press('Enter');
    await app.locator('[role=option], .folders nav a').first().waitFor();
    none(other.faults, 'faults');
  } finally {
    await other.close();
    server.stop();
  }
}

async function cardInPlaceOfPassword(look) {
  const server = await startFixture('--due', 'card');
  const expected = (fault) => /status of (401|403|409)/.test(fault) && /\/api\/unlock/.test(fault);
  const other = await open(new URL(server.url).origin, { ...look, expected });
  const words = WORDS[look.language];
  const { page: app } = other;
  try {
    await app.goto(server.url);
    await app.locator('input[type=password]').fill('Sommerregen-27');
    await app.keyboard.press('Enter');
    await app.getByRole('heading', { name: words.cardDue }).waitFor();
    none([...(await accessibility(app)), ...(await overflow(app))], 'card due');
    if (pictures) await app.screenshot({ path: join(pictures, `pim-card-due-${nameOf(look)}.png`) });
    await app.getByLabel(words.pin).fill('111111');
    await app.keyboard.press('Enter');
    await app.getByText(words.cardAbsent).waitFor();
    await app.getByLabel(words.pin).fill('123456');
    await app.keyboard.press('Enter');
    await app.locator('[role=option], .folders nav a').first().waitFor();
    none(other.faults, 'faults');
  } finally {
    await other.close();
    server.stop();
  }
}

/** Against the contract server, because nothing else lets a provider fail when that is wanted. */
async function signIn() {
  for (const look of looks) {
    const server = await startFixture('--sign-in');
    const place = new URL(server.url).origin;
    const other = await open(place, { ...look, expected: (fault) => /status of 502/.test(fault) && /\/api\/sign-in/.test(fault) });
    const steer = (what, given) => fetch(`${place}/dev/${what}`, { method: 'POST', body: JSON.stringify(given) });
    const words = WORDS[look.language];
    try {
      const { page: app } = other;
      const banner = app.locator('.banner', { has: app.getByRole('button', { name: words.signIn, exact: true }) });
      const told = async (text) => {
        await banner.getByText(text).waitFor();
        none(await accessibility(app), `accessibility: ${text}`);
        none(await overflow(app), `overflow: ${text}`);
        if (pictures) await app.screenshot({ path: join(pictures, `sign-in-${told.count++}-${nameOf(look)}.png`) });
      };
      told.count = 1;
      const press = async () => {
        await banner.getByRole('button', { name: words.signIn, exact: true }).focus();
        await app.keyboard.press('Enter');
      };
      await app.goto(server.url);
      await app.locator('input[name=password]').fill('Sommerregen-27');
      await app.keyboard.press('Enter');
      await told(words.wanted);

      await steer('provider', { is: 'provider_unfit' });
      await press();
      await told(words.unfit);
      await steer('provider', { is: 'unreachable' });
      await press();
      await told(words.unreachable);

      await steer('provider', { is: 'good' });
      await press();
      await told(words.waits);
      const link = app.locator('a:focus');
      ensure((await link.innerText()) === words.open, 'the link to the sign-in page is not focused');
      ensure((await link.getAttribute('href')).startsWith('https://login.example.test/auth?'), 'the link leads elsewhere');
      ensure((await link.getAttribute('rel')).includes('noreferrer'), 'the provider learns the address of the page');

      await steer('state', { signing_in: false, sign_in_failure: 'sign_in_refused' });
      await told(words.refused);
      await steer('state', { needs_sign_in: false, sign_in_failure: null });
      await banner.waitFor({ state: 'detached' });
      none(other.faults, nameOf(look));
    } finally {
      await other.close();
      server.stop();
    }
  }
}

async function startFixture(...options) {
  const script = fileURLToPath(new URL('../pim/dev/server.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { url: String(line).trim(), stop: () => child.kill() };
}
