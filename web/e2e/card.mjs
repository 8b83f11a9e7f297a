// The app's page beside a smart card, in a real browser.
//
//   node web/e2e/card.mjs key-on-card|card JOB
//
// `device/cordon-pim/tests/card_pages.rs` runs it, with a company, an app and a reader. JOB is a file with the address of the page and
// what a person knows. What has to happen outside of the browser is asked for on the standard output, one line that begins with
// `>`, and is done when a line comes back.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { accessibility, ensure, none, open, overflow, suite } from './lib.mjs';

const [level, file] = process.argv.slice(2);
const levels = { 'key-on-card': keyOnCard, card };
if (!levels[level] || !file) {
  console.error('usage: card.mjs key-on-card|card JOB');
  process.exit(2);
}
const job = JSON.parse(readFileSync(file, 'utf8'));
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const { step, end } = suite(`the page beside a card, ${level}`);
// The browser itself reports what was refused on purpose.
const expected = (fault) => /status of (401|403|409|423)/.test(fault) && /\/api\//.test(fault);
const browser = await open(new URL(job.page).origin, { height: 800, expected });
const { page } = browser;
const button = (name) => page.getByRole('button', { name, exact: true });
const listed = () => page.locator('[role=option] time').first().waitFor({ timeout: 60_000 });
const pin = () => page.getByLabel('PIN of the smart card');
try {
  await page.goto(job.page);
  await levels[level]();
  await step('nothing went wrong unnoticed', async () => none(browser.faults, 'faults'));
} finally {
  await browser.close();
}
process.exitCode = end();
process.stdin.destroy();

async function keyOnCard() {
  await step('without a card the registration says what is missing', async () => {
    await page.getByLabel('Invitation link').fill(job.link);
    await page.keyboard.press('Enter');
    await page.getByRole('radio', { name: 'On the smart card' }).check();
    await button('Continue').click();
    await pin().fill(job.pin);
    await page.keyboard.press('Enter');
    await page.getByLabel('Mail password').fill(job.mail_password);
    await button('Set up').click();
    await page.getByText('There is no card in a reader').waitFor({ timeout: 30_000 });
    await inOrder('registration');
  });
  await step('a wrong PIN is told with what is left', async () => {
    await ask('insert');
    await pin().fill('654321');
    await page.keyboard.press('Enter');
    await button('Set up').click();
    await page.getByText('attempts left until the card blocks').waitFor({ timeout: 30_000 });
  });
  await step('the card registers, and the mail is there', async () => {
    await pin().fill(job.pin);
    await page.keyboard.press('Enter');
    await button('Set up').click();
    await listed();
  });
  await step('a mail is signed and encrypted with the card, and read again', async () => {
    await page.keyboard.press('c');
    await page.locator('form textarea').waitFor();
    await page.keyboard.type(`${job.address}, `);
    await page.fill('#subject', 'Sealed by the card');
    await page.fill('form textarea', 'Only for who has it.\n');
    await pressed('Sign');
    await pressed('Encrypt');
    await button('Send').click();
    await page.locator('form textarea').waitFor({ state: 'detached' });
    await sealed();
  });
  await step('pulled out, it locks the page at once', async () => {
    await ask('remove');
    await page.getByText('because the smart card was pulled out').waitFor();
    ensure((await page.locator('[role=option], iframe').count()) === 0, 'mail is still on the page');
    await inOrder('locked');
  });
  await step('it opens with the card alone, and what was sealed for it', async () => {
    await unlock();
    await page.getByText('There is no card in a reader').waitFor({ timeout: 30_000 });
    await ask('insert');
    await unlock();
    await listed();
    await sealed();
  });
}

async function card() {
  await step('once IT wants it, the card takes the place of the password', async () => {
    await page.locator('input[name=password]').fill(job.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your smart card opens from now on' }).waitFor({ timeout: 30_000 });
    await unlock();
    await page.getByText('There is no card in a reader').waitFor({ timeout: 30_000 });
    await ask('insert');
    await unlock();
    await listed();
  });
  await step('locked, it asks for the PIN of the card', async () => {
    await ask('lock');
    await pin().waitFor();
    await inOrder('locked');
    await unlock('654321');
    await page.getByText('attempts left until the card blocks').waitFor({ timeout: 30_000 });
    await unlock();
    await listed();
  });
  await step('open, it needs the card no longer', async () => {
    await ask('remove');
    await page.locator('[role=listbox]').focus();
    await page.keyboard.press('Home');
    await page.locator('article h2').waitFor();
    ensure((await pin().count()) === 0, 'it has locked itself');
  });
  await step('once IT wants it, a password takes the place of the card', async () => {
    await ask('by password');
    await ask('lock');
    await ask('insert');
    await unlock();
    await page.getByLabel('New password', { exact: true }).fill('Another-Password-2');
    await page.getByLabel('Repeat the new password').fill('Another-Password-2');
    await page.keyboard.press('Enter');
    await listed();
    await ask('remove');
    await ask('lock');
    await page.locator('input[name=password]').fill('Another-Password-2');
    await page.keyboard.press('Enter');
    await listed();
  });
}

async function unlock(entered = job.pin) {
  await pin().fill(entered);
  await page.keyboard.press('Enter');
}

/** Has a mail signed or encrypted, whatever it was before. */
async function pressed(name) {
  const toggle = button(name);
  if ((await toggle.getAttribute('aria-pressed')) !== 'true') await toggle.click();
}

/** Opens the mail that was sealed by the card, and looks at what the page says of it. */
async function sealed() {
  const row = page.locator('[role=option]', { hasText: 'Sealed by the card' }).first();
  await row.waitFor({ timeout: 60_000 });
  await row.click();
  await page.getByText('Only for who has it.').waitFor({ timeout: 30_000 });
  const state = page.getByRole('region', { name: 'Signature and encryption' });
  ensure((await state.getAttribute('class')).split(' ').includes('ok'), `it is not called good: ${await state.innerText()}`);
  await state.getByRole('button').click();
  const said = await state.innerText();
  for (const part of [/signed/i, /encrypted/i, new RegExp(job.address)]) ensure(part.test(said), `${part} is missing: ${said}`);
}

/** The page as people with other eyes and screens meet it. */
async function inOrder(screen) {
  none([...(await accessibility(page)), ...(await overflow(page))], screen);
}

/** Has something done outside of the browser. */
async function ask(what) {
  console.log(`> ${what}`);
  await answers.next();
}
