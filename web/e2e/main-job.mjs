// The main job in a real browser: an administrator in the console, alice and bob in their apps.
//
//   node web/e2e/main-job.mjs work|wipe|restart JOB
//
// `work` leads from a group and an invitation to a device that was blocked and unblocked again, `wipe` ends that device,
// and `restart` looks at the app after it was started anew. JOB is the file that `cargo xtask demo` writes: addresses and
// passwords of a running company. The container of `alice` has been wiped before, that of `bob` is locked.
import { mkdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { ensure, none, open, suite } from './lib.mjs';

const [part, file] = process.argv.slice(2);
const parts = { work, wipe, restart };
if (!parts[part] || !file) {
  console.error('usage: main-job.mjs work|wipe|restart JOB');
  process.exit(2);
}
const job = JSON.parse(readFileSync(file, 'utf8'));
if (job.screenshots) mkdirSync(job.screenshots, { recursive: true });

/** What a block has to reach everything within, in milliseconds. */
const SECOND = 1_000;
/** A pause after which an app is taken to be waiting, in milliseconds; longer than it ever pauses between two requests. */
const QUIET = 2_000;
/** Mail servers deliver when they like. */
const DELIVERY = 90_000;
/** Messages of the inbox that are searched for one with a PDF. */
const SEARCHED = 60;
const GROUP = 'Field service';
const DEVICE = 'Alice’s laptop';
const PHONE = 'Alice’s phone';
const STRANGER = 'STRANGER2';

const { step, end } = suite(`the main job in the browser, ${part}`);
const opened = [];
try {
  await parts[part]();
  await step('nothing went wrong unnoticed', async () => none(opened.flatMap(({ faults }) => faults), 'faults'));
} finally {
  await Promise.all(opened.map((browser) => browser.close()));
}
process.exitCode = end();

async function work() {
  const [office, alice, bob] = await Promise.all([console_(), app(job.alice), app(job.bob)]);
  const { page, at, button, dialog } = office;
  let link = '';

  await step('signed in to the console, a group with settings of its own is made', async () => {
    await office.signIn();
    await at('/groups');
    await button('Add group').first().click();
    await dialog.getByLabel('Name').fill(GROUP);
    await dialog.getByRole('button', { name: 'Add group' }).click();
    await page.getByRole('heading', { name: GROUP, level: 1 }).waitFor();
    await page.getByLabel('Wrong passwords', { exact: true }).fill('5');
    await button('Save').click();
    await page.getByText('Saved as revision 2', { exact: false }).waitFor();
  });
  await step('alice joins the group, and her certificate is deposited', async () => {
    await at('/people');
    await page.getByRole('link', { name: job.alice.name }).click();
    await button('Edit').click();
    await dialog.getByLabel('Group').selectOption({ label: GROUP });
    await button('Save').click();
    await page.getByRole('link', { name: GROUP }).waitFor();
    await page.locator('input[type=file]').first().setInputFiles(job.alice.certificate);
    await page.getByText('The certificate is deposited.').waitFor();
    await page.locator('input[type=file]').last().setInputFiles(job.alice.pkcs12);
    await page.getByText('The file waits for the app.').waitFor();
    await page.getByText(job.alice.name, { exact: false }).first().waitFor();
  });
  await step('alice is invited', async () => {
    await button('Invite').click();
    await dialog.getByLabel('Name of the device').fill(DEVICE);
    await dialog.getByRole('button', { name: 'Create invitation' }).click();
    await dialog.getByRole('img', { name: 'QR code of the invitation link' }).waitFor();
    await dialog.getByRole('button', { name: 'Copy link' }).click();
    link = await page.evaluate(() => navigator.clipboard.readText());
    await shoot(page, 'console-invitation');
    await button('Done').click();
  });

  await step('alice registers in the page of the app: certificate file fetched and imported, challenge answered', async () => {
    const { page } = alice;
    await page.getByRole('button', { name: 'Set up again' }).click();
    await page.getByLabel('Invitation link').fill(link);
    await page.keyboard.press('Enter');
    await page.getByText('Your certificate file has arrived from the server.').waitFor();
    await page.getByLabel('Transport password of the file').fill(job.transport_password);
    await page.keyboard.press('Enter');
    await page.getByLabel('New password', { exact: true }).fill(job.container_password);
    await page.getByLabel('Repeat the new password').fill(job.container_password);
    await shoot(page, 'app-register');
    await page.keyboard.press('Enter');
    await page.getByLabel('Mail password').fill(job.mail_password);
    await page.getByRole('button', { name: 'Set up', exact: true }).click();
    await alice.listed();
    await at(`/devices?search=${encodeURIComponent(DEVICE)}&state=registered`);
    await office.page.getByRole('link', { name: DEVICE }).waitFor();
  });
  await step('the app synchronises', () => alice.upToDate());
  await step('alice reads a mail and its attachment', async () => {
    const { page } = alice;
    const attachment = page.locator('article section a', { hasText: /\.pdf/i }).first();
    await page.locator('[role=listbox]').focus();
    await page.keyboard.press('Home');
    for (let row = 0; row < SEARCHED && (await attachment.count()) === 0; row += 1) {
      await page.keyboard.press('ArrowDown');
      await alice.shown(row + 1);
    }
    ensure((await page.locator('article').innerText()).length > 100, 'the mail has no text');
    await shoot(page, 'app-mail');
    await attachment.click();
    await page.locator('.pdfViewer .page[data-loaded] canvas').first().waitFor({ timeout: 30_000 });
    await page.locator('.textLayer span').first().waitFor();
    await shoot(page, 'app-pdf');
    await page.keyboard.press('Escape');
    await page.locator('.viewer').waitFor({ state: 'detached' });
  });
  await step('alice sends a mail, and it appears in the app of bob', async () => {
    await bob.unlock();
    await alice.send(job.bob.address, 'From the browser');
    await bob.received('From the browser');
  });

  await step('alice signs and encrypts a mail, and bob reads who it is from', async () => {
    await alice.send(job.bob.address, 'Sealed', ['Sign', 'Encrypt']);
    await bob.received('Sealed');
    await bob.page.locator('[role=option]', { hasText: 'Sealed' }).click();
    await bob.page.locator('article').getByText('It arrived.').waitFor({ timeout: 30_000 });
    const said = await bob.page.getByRole('region', { name: 'Signature and encryption' }).innerText();
    for (const part of [/signed/i, /encrypted/i, new RegExp(job.alice.address)]) ensure(part.test(said), `${part} is missing: ${said}`);
    await shoot(bob.page, 'app-sealed');
  });

  await step('an unmanaged device is refused, and console and log say why', async () => {
    ensure((await knock()).includes('129'), 'the answer is not status 129');
    await at('/gateway');
    const row = page.getByRole('row', { name: new RegExp(`The device is not known.*${STRANGER}`, 'i') });
    await row.first().waitFor();
    await shoot(page, 'console-refusals');
    const line = () => log().find(({ eas_id }) => eas_id?.toUpperCase() === STRANGER);
    await until('the log has a line for it', SECOND, async () => line());
    const { rule, fact } = line();
    ensure(rule === 'unknown-device' && fact, `the log does not say rule and fact: ${rule}, ${fact}`);
  });
  await step('the same device gets through once the console knows it', async () => {
    await at('/devices?new=1');
    await dialog.getByRole('combobox', { name: 'Owner' }).fill('alice');
    await dialog.getByRole('option', { name: job.alice.name }).click();
    await dialog.getByLabel('Name', { exact: true }).fill(PHONE);
    await dialog.getByLabel('ActiveSync identifier').fill(STRANGER);
    await dialog.getByRole('button', { name: 'Add device' }).click();
    await page.getByRole('heading', { name: PHONE, level: 1 }).waitFor();
    await until('the device gets through', SECOND, async () => {
      await knock();
      return log().some(({ eas_id, message }) => eas_id?.toUpperCase() === STRANGER && message === 'passed');
    });
    await at('/devices');
    await page.getByRole('row', { name: PHONE }).waitFor();
    await shoot(page, 'console-devices');
  });

  await step('a new mail reaches alice by itself, through the Ping that her app holds', async () => {
    await bob.send(job.alice.address, 'Before the block');
    await alice.received('Before the block');
  });
  await step('blocked in the console while a Ping is held: the app shows it within a second', async () => {
    await office.device(DEVICE);
    await button('Block').click();
    await dialog.getByLabel('Reason').fill('Reported as lost');
    await alice.upToDate();
    const before = await quiet();
    const shown = await firstSight(alice.page, 'This device is blocked');
    const answer = page.waitForResponse((response) => response.url().endsWith('/block'));
    await dialog.getByRole('button', { name: 'Block' }).click();
    await answer;
    const began = Date.now();
    const took = (await shown()) - began;
    ensure(took <= SECOND, `it took ${took} ms`);
    console.log(`      the page of the app showed it ${took} ms after the console had its answer`);
    const ending = () => log().slice(before).find(({ command, rule }) => command === 'Ping' && rule === 'device-blocked');
    await until('a Ping ends', SECOND, async () => ending());
    const ended = ending();
    ensure(ended.at - ended.duration_ms < began, `the Ping had not begun before: ${JSON.stringify(ended)}`);
    ensure(ended.at - began <= SECOND, `the Ping ended after ${ended.at - began} ms`);
    await page.getByText('Reason: Reported as lost').or(page.getByText('Reported as lost')).first().waitFor();
    await shoot(page, 'console-device');
    await shoot(alice.page, 'app-blocked');
  });
  await step('the blocked device stays shut, and the console says why', async () => {
    await alice.page.locator('input[name=password]').fill(job.container_password);
    await alice.page.keyboard.press('Enter');
    await alice.page.getByText('The block is still there.', { exact: false }).waitFor({ timeout: 30_000 });
    await at('/gateway');
    await page.getByRole('row', { name: new RegExp(`The device is blocked.*${DEVICE}`) }).first().waitFor();
  });
  await step('unblocked: mail comes again without a new registration', async () => {
    await office.device(DEVICE);
    await button('Unblock').click();
    await page.getByText('In service', { exact: true }).first().waitFor();
    await alice.unlock();
    await bob.send(job.alice.address, 'After the block');
    await alice.received('After the block');
  });
  if (job.screenshots) await step('a picture of the app on a phone, dark, in German', () => alice.phone());
}

async function wipe() {
  const [office, alice] = await Promise.all([console_(), app(job.alice)]);
  const { page, button, dialog } = office;
  await step('alice has her mail open', () => alice.unlock());
  await step('a wipe is ordered with the name of the device: the app obeys, and the console knows', async () => {
    await office.signIn();
    await office.device(DEVICE);
    await button('Wipe …').click();
    await dialog.getByLabel('All data').check();
    const order = dialog.getByRole('button', { name: 'Wipe all data' });
    ensure(await order.isDisabled(), 'a wipe can be ordered without a word');
    await dialog.getByLabel('Type “', { exact: false }).fill(DEVICE);
    await order.click();
    await alice.wiped();
    await page.getByText('The device confirmed the wipe', { exact: false }).waitFor({ timeout: 20_000 });
    await shoot(alice.page, 'app-wiped');
  });
}

async function restart() {
  const alice = await app(job.alice);
  await step('after a restart everything is still gone', () => alice.wiped());
}

/** The console in a browser of its own. */
async function console_() {
  // The browser itself reports the answer that says that nobody is signed in.
  const browser = await remember(job.console, (fault) => /status of 401/.test(fault) && fault.includes('/api/v1/'));
  const { page } = browser;
  const dialog = page.getByRole('dialog');
  const button = (name) => page.getByRole('button', { name, exact: true });
  const at = (path) => page.goto(job.console + path);
  return {
    page,
    dialog,
    button,
    at,
    async signIn() {
      await at('/');
      await page.getByLabel('Administrator', { exact: true }).fill(job.administrator);
      await page.getByLabel('Password', { exact: true }).fill(job.administrator_password);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    },
    async device(name) {
      await at(`/devices?search=${encodeURIComponent(name)}`);
      await page.getByRole('link', { name }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
    },
  };
}

/** The app of a person in a browser of its own. */
async function app(person) {
  // The browser itself reports that a block was not lifted when the person asked.
  const browser = await remember(new URL(person.page).origin, (fault) => /status of 403/.test(fault) && fault.includes('/api/unlock'));
  const { page } = browser;
  await page.goto(person.page);
  let inbox;
  const listed = async () => {
    await page.locator('[role=option] time').first().waitFor({ timeout: 60_000 });
    inbox ??= page.url();
  };
  return {
    page,
    listed,
    async unlock() {
      await page.locator('input[name=password]').fill(job.container_password);
      await page.keyboard.press('Enter');
      await listed();
    },
    async upToDate() {
      await page.getByText('Up to date', { exact: true }).waitFor({ timeout: 60_000 });
    },
    /** Waits until the message of a row is the one that is shown. */
    async shown(row) {
      await page.waitForFunction((wanted) => {
        const subject = document.querySelector(`[role=option][aria-selected=true][data-row="${wanted}"] .subject`)?.textContent;
        return subject !== undefined && document.querySelector('article h2')?.textContent === subject;
      }, row);
    },
    async send(to, subject, protection = []) {
      await page.keyboard.press('c');
      await page.locator('form textarea').waitFor();
      await page.keyboard.type(`${to}, `);
      await page.fill('#subject', subject);
      await page.fill('form textarea', 'It arrived.\n');
      for (const name of protection) {
        const toggle = page.getByRole('button', { name, exact: true });
        if ((await toggle.getAttribute('aria-pressed')) !== 'true') await toggle.click();
      }
      await page.getByRole('button', { name: 'Send' }).click();
      await page.locator('form textarea').waitFor({ state: 'detached' });
    },
    async received(subject) {
      const rows = page.locator('[role=option]', { hasText: subject });
      // The list draws what is in sight, and the newest is at its top.
      await until(`“${subject}” arrives`, DELIVERY, async () => {
        await page.locator('[role=listbox]').evaluate((list) => list.scrollTo(0, 0));
        return rows.first().waitFor({ timeout: 1_000 }).then(() => true, () => false);
      });
      ensure((await rows.count()) === 1, 'it has arrived more than once');
    },
    async wiped() {
      await page.getByRole('heading', { name: 'Cordon was wiped on this device' }).waitFor();
      ensure((await page.locator('input, [role=option], iframe').count()) === 0, 'something is left on the page');
    },
    async phone() {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      await page.evaluate(() => localStorage.setItem('cordon-preferences', JSON.stringify({ language: 'de' })));
      await page.goto(inbox);
      await page.reload();
      await listed();
      await shoot(page, 'app-list-narrow');
    },
  };
}

async function remember(origin, expected) {
  const browser = await open(origin, { height: 800, expected });
  opened.push(browser);
  return browser;
}

/**
 * Watches for a heading from inside the page, which loads itself anew soon after it locks. Returns a function that waits
 * for the heading and tells when it was seen first.
 */
async function firstSight(page, heading) {
  let first;
  await page.exposeFunction('seen', (at) => (first ??= at));
  await page.evaluate((wanted) => {
    const look = () => document.querySelector('h1')?.textContent?.trim() === wanted && globalThis.seen(Date.now());
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  }, heading);
  return async () => {
    await page.getByRole('heading', { name: heading }).waitFor();
    return first ?? Date.now();
  };
}

/** What any foreign client begins with: FolderSync with key 0, as alice, from a device of its own. Returns the answer. */
async function knock() {
  const url = `${job.gateway}/Microsoft-Server-ActiveSync?Cmd=FolderSync&User=${job.alice.login}&DeviceId=${STRANGER}&DeviceType=Phone`;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method: 'POST',
        auth: `${job.alice.login}:${job.mail_password}`,
        rejectUnauthorized: false,
        headers: { 'MS-ASProtocolVersion': '14.1', 'Content-Type': 'application/vnd.ms-sync.wbxml' },
      },
      (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(Buffer.from([3, 1, 0x6a, 0, 0, 7, 0x56, 0x52, 3, 0x30, 0, 1, 1]));
  });
}

/** The lines of the server's log that are about requests, with the time of each in milliseconds. */
function log() {
  return readFileSync(job.log, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line))
    .map(({ timestamp, fields }) => ({ ...fields, at: Date.parse(timestamp) }));
}

/**
 * Waits until no app has asked for anything for a while: what it has asked for by then is held. Returns how many lines the
 * log has.
 */
async function quiet() {
  const begun = Date.now();
  const asked = () => Math.max(0, ...log().map(({ command, at }) => (command ? at : 0)));
  while (Date.now() - asked() < QUIET) {
    ensure(Date.now() - begun < 60_000, 'the apps do not come to rest');
    await new Promise((done) => setTimeout(done, 100));
  }
  return log().length;
}

async function until(what, limit, holds) {
  for (const start = Date.now(); !(await holds()); ) ensure(Date.now() - start < limit, `not within ${limit} ms: ${what}`);
}

/** A picture for the documentation, if it is wanted. */
async function shoot(page, name) {
  if (job.screenshots) await page.screenshot({ path: join(job.screenshots, `${name}.png`) });
}
