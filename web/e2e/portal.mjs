// The console in a real browser, end to end.
//
//   node web/e2e/portal.mjs URL ADMINISTRATOR PASSWORD [--looks LOOKS] [--shots DIRECTORY] [--wipe DEVICE]
//
// Makes a group, a person, certificates, an invitation and a device without the app of its own, publishes revocation lists,
// and touches nothing else. The device
// named with --wipe is wiped. LOOKS are names such as de-dark-390, separated by commas; without it, all. With --shots a
// picture of each page in each look is written to the directory.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accessibility, ensure, looksOf, nameOf, none, open, overflow, suite } from './lib.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { looks: { type: 'string' }, shots: { type: 'string' }, wipe: { type: 'string' } },
});
const [origin, administrator, password] = positionals;
if (!origin || !administrator || !password) {
  console.error('usage: portal.mjs URL ADMINISTRATOR PASSWORD [--looks LOOKS] [--shots DIRECTORY] [--wipe DEVICE]');
  process.exit(2);
}
const looks = looksOf(values.looks);
if (values.shots) mkdirSync(values.shots, { recursive: true });

const run = Date.now().toString(36);
const folder = mkdtempSync(join(tmpdir(), 'cordon-portal-'));
const { step, end } = suite('console');
// The browser itself reports answers that are no success, even those that a step provokes.
const refused = (fault) => /Failed to load resource: .* status of (401|404|409|422|429)/.test(fault) && fault.includes('/api/v1/');
const browser = await open(origin, { expected: refused });
const { page } = browser;
const at = (path) => page.goto(origin + path);
const button = (name) => page.getByRole('button', { name, exact: true });
const field = (name) => page.getByLabel(name, { exact: true });
const dialog = page.getByRole('dialog');
let cookies = [];

try {
  await signIn();
  await work();
  await keyboard();
  await everyLook();
  await signOut();
  await step('nothing went wrong unnoticed', () => none(browser.faults, 'faults'));
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(end());

async function signIn() {
  await step('signed out, every look is accessible', async () => {
    for (const look of looks) {
      const other = await open(origin, look);
      await other.page.goto(origin);
      await other.page.getByRole('button', { name: /^(Sign in|Anmelden)$/ }).waitFor();
      await inspect(other.page, 'sign-in', look);
      none(other.faults, nameOf(look));
      await other.close();
    }
  });
  await step('sign-in says what is missing and what is wrong', async () => {
    await at('/');
    await button('Sign in').click();
    await page.getByText('Enter your name.').waitFor();
    await field('Administrator').fill(`nobody-${run}`);
    await button('Sign in').click();
    await page.getByText('Enter your password.').waitFor();
    await field('Password').fill('wrong');
    await field('Password').press('Enter');
    await page.getByText('The name or the password is wrong.').waitFor();
    ensure((await field('Password').inputValue()) === '', 'the wrong password is still there');
  });
  await step('guessing leads to a pause with its length', async () => {
    for (let count = 1; count <= 5; count += 1) await attempt('wrong');
    await page.getByText('Too many wrong passwords').waitFor();
    ensure(/^\d+:\d\d$/.test(await page.locator('.clock').innerText()), 'no countdown');
    ensure(await button('Sign in').isDisabled(), 'another attempt could be made');
    none(await accessibility(page), 'accessibility');
    await shot('locked-out', { language: 'en', theme: 'light', width: 1280 });
  });
  await step('an administrator signs in and stays where they wanted to go', async () => {
    await at('/people');
    await field('Administrator').fill(administrator);
    await field('Password').fill(password);
    await field('Password').press('Enter');
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    cookies = await browser.context.cookies();
    const cookie = cookies.find(({ name }) => name === '__Host-cordon-console');
    ensure(cookie?.httpOnly && cookie.secure && cookie.sameSite === 'Strict', 'the cookie is not kept safe');
    ensure((await page.evaluate(() => document.cookie)) === '', 'a script can read the cookie');
  });
}

async function attempt(word) {
  await page.getByText('The name or the password is wrong.').waitFor();
  await field('Password').fill(word);
  const answer = page.waitForResponse((response) => response.url().endsWith('/session') && response.request().method() === 'POST');
  await field('Password').press('Enter');
  await (await answer).finished();
}

async function work() {
  await step('a group is added, and its name is asked for', async () => {
    await at('/groups');
    await button('Add group').first().click();
    await dialog.getByRole('button', { name: 'Add group' }).click();
    await dialog.getByText('This field is needed.').waitFor();
    await dialog.getByLabel('Name').fill(`Team ${run}`);
    await dialog.getByRole('button', { name: 'Add group' }).click();
    await page.getByRole('heading', { name: `Team ${run}`, level: 1 }).waitFor();
  });
  await step('settings are checked at the field, saved, and not overwritten', async () => {
    await field('Wrong passwords').fill('200');
    await button('Save').click();
    await page.getByText('Choose a value from 3 to 20.').waitFor();
    ensure(await field('Wrong passwords').evaluate((input) => input === document.activeElement), 'the field is not focused');
    none(await accessibility(page), 'accessibility');
    await field('Wrong passwords').fill('5');

    const other = await browser.context.newPage();
    await other.goto(page.url());
    await other.getByLabel('Largest attachment').fill('99');
    await other.getByRole('button', { name: 'Save', exact: true }).click();
    await other.getByText('Saved as revision 2', { exact: false }).waitFor();
    await other.close();

    await button('Save').click();
    await page.getByText('Somebody else changed these settings').waitFor();
    await button('Load current settings').click();
    await page.getByText('Revision 2 of the settings', { exact: false }).waitFor();
    ensure((await field('Largest attachment').inputValue()) === '99', 'the other change is lost');
    await field('Wrong passwords').fill('5');
    await button('Save').click();
    await page.getByText('Revision 3 of the settings', { exact: false }).waitFor();
  });
  await step('a sign-in in the browser is set by keyboard, with each mistake at its field', async () => {
    await field('Newest protocol version').selectOption('14.1');
    await field('Newest protocol version').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    ensure(await page.getByRole('radio', { name: 'In the browser' }).isChecked(), 'the keyboard does not choose');
    await page.keyboard.press('Tab');
    await page.keyboard.type('login.example.org');
    await field('Scopes').focus();
    await page.keyboard.type('"mail"');
    await page.keyboard.press('Enter');
    await page.getByText('Begin with https://', { exact: false }).waitFor();
    await page.getByText('Enter the name under which the identity provider knows the app.').waitFor();
    await page.getByText('Scopes with blanks between', { exact: false }).waitFor();
    ensure(await field('Identity provider').evaluate((input) => input === document.activeElement), 'the first mistake is not focused');
    none(await accessibility(page), 'accessibility');
    await shot('settings-refused', { language: 'en', theme: 'light', width: 1280 });

    // Mistakes stay in sight where nobody signs in that way; hidden, they could not be mended.
    await page.getByRole('radio', { name: 'Mailbox password' }).check();
    await button('Save').click();
    await page.getByText('2 settings cannot be put in force.', { exact: false }).waitFor();
    await page.getByRole('radio', { name: 'In the browser' }).check();
    await field('Identity provider').fill('https://login.example.org');
    await field('Client ID').fill('cordon-pim');
    await field('Scopes').fill('openid offline_access');
    await button('Save').click();
    await page.getByText('Revision 4 of the settings', { exact: false }).waitFor();
    await page.reload();
    await page.getByText('Revision 4 of the settings', { exact: false }).waitFor();
    ensure((await field('Newest protocol version').inputValue()) === '14.1', 'the version is lost');
    ensure((await field('Client ID').inputValue()) === 'cordon-pim', 'the client id is lost');
  });
  await step('a person is added, with errors at the fields', async () => {
    await at('/people');
    await button('Add person').first().click();
    await dialog.getByLabel('Name', { exact: true }).fill(`Paula ${run}`);
    await dialog.getByLabel('Login name').fill(`paula ${run}`);
    await dialog.getByLabel('Mail addresses').fill(`paula-${run}@example.com`);
    await dialog.getByLabel('Group').selectOption({ label: `Team ${run}` });
    await dialog.getByRole('button', { name: 'Add person' }).click();
    await dialog.getByText('Write this as one word, without blanks.').waitFor();
    await dialog.getByLabel('Login name').fill(`paula-${run}`);
    await dialog.getByRole('button', { name: 'Add person' }).click();
    await page.getByRole('heading', { name: `Paula ${run}`, level: 1 }).waitFor();
  });
  await step('an invitation without a certificate is warned of', async () => {
    await button('Invite').click();
    await dialog.getByText('No certificate is deposited for this person yet', { exact: false }).waitFor();
    none(await accessibility(page), 'accessibility');
    await button('Cancel').click();
  });
  await step('a certificate is deposited, a wrong file is refused', async () => {
    const wrong = join(folder, 'wrong.pem');
    writeFileSync(wrong, 'nothing');
    const input = page.locator('input[type=file]').first();
    await input.setInputFiles(wrong);
    await page.getByText('This is not a certificate in PEM or DER.', { exact: false }).waitFor();
    none(await accessibility(page), 'accessibility');
    await input.setInputFiles(certificate(`paula-${run}@example.com`));
    await page.getByText(`CN=Paula`, { exact: false }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download certificate' }).click();
    const path = await (await download).path();
    ensure(readFileSync(path, 'utf8').startsWith('-----BEGIN CERTIFICATE-----'), 'the download is no certificate');
  });
  await step('a key is made for a person, and its file is there once', async () => {
    await button('Make key and certificate').click();
    await dialog.getByRole('button', { name: 'Make key and certificate' }).click();
    await dialog.getByText('This field is needed.').waitFor();
    await dialog.getByLabel('Password for the file').fill('short');
    await dialog.getByLabel('Password once more').fill('shorter');
    await dialog.getByRole('button', { name: 'Make key and certificate' }).click();
    await dialog.getByText('The two passwords differ.').waitFor();
    await dialog.getByLabel('Password once more').fill('short');
    await dialog.getByRole('button', { name: 'Make key and certificate' }).click();
    await dialog.getByText('This password is too short.', { exact: false }).waitFor();
    none(await accessibility(page), 'accessibility');
    await dialog.getByRole('radio', { name: 'P-384' }).check();
    await dialog.getByLabel('Password for the file').fill('Transport-1');
    await dialog.getByLabel('Password once more').fill('Transport-1');
    await shot('key-make', { language: 'en', theme: 'light', width: 1280 });
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Make key and certificate' }).click();
    const file = await download;
    ensure(file.suggestedFilename() === `paula-${run}.p12`, `another name: ${file.suggestedFilename()}`);
    const options = ['pkcs12', '-in', await file.path(), '-passin', 'pass:Transport-1', '-nodes'];
    const opened = execFileSync('openssl', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    ensure(opened.includes('BEGIN PRIVATE KEY') && opened.includes(`CN = Paula ${run}`), `no key of Paula: ${opened}`);
    await dialog.getByText(`Key for Paula ${run}`).waitFor();
    none(await accessibility(page), 'accessibility');
    await shot('key-made', { language: 'en', theme: 'light', width: 1280 });
    const again = page.waitForEvent('download');
    await dialog.getByRole('link', { name: 'Save the file again' }).click();
    await again;
    await button('Have the app fetch it').click();
    await dialog.getByText('Give the person the password.', { exact: false }).waitFor();
    await button('Done').click();
    await page.getByText(`CN=Paula ${run}`, { exact: true }).waitFor();
  });
  await step('a certificate file waits for the app, and is removed; a wrong one is refused', async () => {
    const files = page.locator('section').filter({ hasText: 'Certificate file for the app' }).last();
    await files.getByText(`paula-${run}.p12`).waitFor();
    await files.getByText('Waiting').waitFor();
    const wrong = join(folder, 'wrong.p12');
    writeFileSync(wrong, 'nothing');
    await files.locator('input[type=file]').setInputFiles(wrong);
    await files.getByText('The file is damaged or not a PKCS#12 file', { exact: false }).waitFor();
    none(await accessibility(page), 'accessibility');
    await shot('file-waiting', { language: 'en', theme: 'light', width: 1280 });
    await files.getByRole('button', { name: 'Remove' }).click();
    await files.getByText('Removed').waitFor();
    ensure((await files.getByText('Waiting').count()) === 0, 'a file is waiting still');
  });
  await step('an invitation shows its link once, as text and picture', async () => {
    await button('Invite').click();
    await dialog.getByLabel('Valid for').selectOption({ label: '1 hour' });
    await dialog.getByRole('button', { name: 'Create invitation' }).click();
    await dialog.getByText(`Invitation for Paula ${run}`).waitFor();
    await dialog.getByRole('button', { name: 'Copy link' }).click();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    ensure(/^https:\/\/.+\/join#code=[A-Za-z2-7]{26}&pin=[\w-]{43}$/.test(link), `not an invitation: ${link}`);
    const picture = dialog.getByRole('img', { name: 'QR code of the invitation link' });
    ensure(await picture.evaluate((image) => image.complete && image.naturalWidth > 100), 'the picture is not shown');
    none(await accessibility(page), 'accessibility');
    await shot('invitation', { language: 'en', theme: 'light', width: 1280 });
    await button('Done').click();
  });
  await step('the invitation is revoked', async () => {
    await at('/invitations');
    const row = page.getByRole('row', { name: `Paula ${run}` });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The invitation is revoked.').waitFor();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'All', exact: true }).click();
    await row.getByText('Revoked').waitFor();
  });
  await step('a certificate is issued to a request, with errors at the fields', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'Certificates', level: 1 }).waitFor();
    await button('Issue certificate').first().click();
    await dialog.getByRole('button', { name: 'Issue certificate' }).click();
    await dialog.getByText('Paste a request or choose a file.').waitFor();
    await dialog.getByLabel('Request', { exact: true }).fill('nothing');
    await dialog.getByRole('button', { name: 'Issue certificate' }).click();
    await dialog.getByText('This is not a certificate request', { exact: false }).waitFor();
    none(await accessibility(page), 'accessibility');
    await dialog.getByLabel('Request', { exact: true }).fill(request(`paula-${run}@example.com`));
    await dialog.getByRole('button', { name: 'Issue certificate' }).click();
    await dialog.getByText('Certificates for one of these names are not allowed.', { exact: false }).waitFor();
    await shot('issue-refused', { language: 'en', theme: 'light', width: 1280 });
    await dialog.getByRole('combobox', { name: 'Person' }).fill(`paula ${run}`);
    await dialog.getByRole('option', { name: `Paula ${run}` }).click();
    await dialog.getByRole('button', { name: 'Issue certificate' }).click();
    await page.getByRole('heading', { name: `Paula of ${run}`, level: 1 }).waitFor();
    await page.getByText('Good', { exact: true }).waitFor();
    await page.getByText(`paula-${run}@example.com`, { exact: true }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download certificate' }).click();
    const path = await (await download).path();
    const text = execFileSync('openssl', ['x509', '-in', path, '-noout', '-subject', '-email'], { encoding: 'utf8' });
    ensure(text.includes(`Paula of ${run}`) && text.includes(`paula-${run}@example.com`), `another certificate: ${text}`);
  });
  await step('it is found from the person, held, released and renewed', async () => {
    await page.getByRole('link', { name: `Paula ${run}`, exact: true }).click();
    await page.getByRole('link', { name: 'Show issued certificates' }).click();
    await page.getByText(`Person: Paula ${run}`).waitFor();
    await page.getByRole('link', { name: `Paula of ${run}` }).click();
    await button('Put on hold').click();
    await dialog.getByRole('button', { name: 'Put on hold' }).click();
    await page.getByText('On hold since', { exact: false }).waitFor();
    ensure((await button('Renew').count()) === 0, 'what is on hold can be renewed');
    none(await accessibility(page), 'accessibility');
    await button('Release').click();
    await dialog.getByRole('button', { name: 'Release' }).click();
    await page.getByText('Good', { exact: true }).waitFor();
    const old = page.url();
    await button('Renew').click();
    await dialog.getByRole('button', { name: 'Renew' }).click();
    await page.getByText('The certificate is renewed.').waitFor();
    await page.waitForURL((url) => url.href !== old);
  });
  await step('it is revoked with a reason, and found among the revoked', async () => {
    await button('Revoke').click();
    await dialog.getByText('Signatures made with it are no longer trusted', { exact: false }).waitFor();
    await dialog.getByLabel('Reason').selectOption({ label: 'Key in wrong hands' });
    await dialog.getByText('lost or stolen', { exact: false }).waitFor();
    none(await accessibility(page), 'accessibility');
    await shot('certificate-revoke', { language: 'en', theme: 'light', width: 1280 });
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Revoked since', { exact: false }).waitFor();
    await page.getByText('Key in wrong hands').filter({ visible: true }).waitFor();
    ensure((await button('Revoke').count()) === 0, 'what is revoked can be revoked again');
    await shot('certificate-revoked', { language: 'en', theme: 'light', width: 1280 });
    await at(`/certificates?search=paula-${run}`);
    await page.getByRole('link', { name: /^Revoked/ }).click();
    await page.waitForURL(/state=revoked/);
    await page.getByRole('row', { name: new RegExp(`Paula of ${run}.*Good`) }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: new RegExp(`Paula of ${run}.*Revoked`) }).waitFor();
    ensure((await page.locator('tbody tr').count()) === 1, 'others are among the revoked');
  });
  await step('the authorities publish lists that openssl reads, with the revoked one', async () => {
    const serial = await page.locator('tbody th a').getAttribute('href').then((href) => href.split('/').pop());
    await at('/certificates');
    await page.getByRole('link', { name: 'Authorities' }).click();
    await page.getByRole('heading', { name: 'Authorities', level: 1 }).waitFor();
    await button('Publish new lists now').click();
    await page.getByText('New revocation lists are published.').waitFor();
    const lists = [];
    for (const link of await page.getByRole('link', { name: 'Download list' }).all()) {
      const download = page.waitForEvent('download');
      await link.click();
      const path = await (await download).path();
      lists.push(execFileSync('openssl', ['crl', '-inform', 'DER', '-in', path, '-noout', '-text'], { encoding: 'utf8' }));
    }
    ensure(lists.some((list) => list.toLowerCase().includes(serial)), `no list names ${serial}`);
  });
  await step('a device without the app is added', async () => {
    await at('/devices');
    await button('Add device without the app').click();
    await dialog.getByRole('combobox', { name: 'Owner' }).fill(`paula ${run}`);
    await dialog.getByRole('option', { name: `Paula ${run}` }).click();
    await dialog.getByLabel('Name', { exact: true }).fill(`Phone ${run}`);
    await dialog.getByLabel('ActiveSync identifier').fill('not an identifier');
    await dialog.getByRole('button', { name: 'Add device' }).click();
    await dialog.getByText('An identifier has 1 to 32 letters and digits.').waitFor();
    await dialog.getByLabel('ActiveSync identifier').fill(`e2e${run}`);
    await dialog.getByRole('button', { name: 'Add device' }).click();
    await page.getByRole('heading', { name: `Phone ${run}`, level: 1 }).waitFor();
  });
  await step('it is blocked with a reason, and unblocked', async () => {
    await button('Block').click();
    await dialog.getByRole('button', { name: 'Block' }).click();
    await dialog.getByText('State a reason.').waitFor();
    await dialog.getByLabel('Reason').fill('left in a taxi');
    await dialog.getByRole('button', { name: 'Block' }).click();
    await page.getByText('Blocked', { exact: true }).waitFor();
    await page.getByText('Reason: left in a taxi').waitFor();
    await button('Unblock').click();
    await page.getByText('In service', { exact: true }).waitFor();
  });
  await step('a person is blocked with all devices, and unblocked', async () => {
    await page.getByRole('link', { name: `Paula ${run}` }).click();
    await button('More actions').click();
    await page.getByRole('menuitem', { name: 'Block person' }).click();
    await dialog.getByRole('button', { name: 'Block' }).click();
    await dialog.getByText('State a reason.').waitFor();
    await dialog.getByLabel('Reason').fill('on leave');
    await dialog.getByRole('button', { name: 'Block' }).click();
    await page.getByText('All devices of this person are refused.', { exact: false }).waitFor();
    await page.getByText('Person blocked', { exact: true }).waitFor();
    ensure((await button('Invite').count()) === 0, 'a blocked person can be invited');
    none(await accessibility(page), 'accessibility');
    await shot('person-blocked', { language: 'en', theme: 'light', width: 1280 });
    await page.getByRole('link', { name: `Phone ${run}` }).click();
    await page.getByText(`Blocked through Paula ${run}`, { exact: false }).waitFor();
    none(await accessibility(page), 'accessibility');
    await shot('device-owner-blocked', { language: 'en', theme: 'light', width: 1280 });
    await page.getByRole('link', { name: 'Go to the person' }).click();
    await button('Unblock').click();
    await page.getByText('The person is unblocked.').waitFor();
    await page.getByText('In service', { exact: true }).waitFor();
  });
  await step('it is found by search and by state', async () => {
    await at('/devices');
    await page.getByRole('row', { name: /./ }).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(`phone ${run}`);
    await page.getByText(`Phone ${run}`).waitFor();
    await page.waitForURL(/search=phone/);
    await page.getByRole('link', { name: /^Blocked/ }).click();
    await page.getByText('No device fits').waitFor();
    none(await accessibility(page), 'accessibility');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await page.waitForURL(`${origin}/devices`);
    await page.goBack();
    await page.getByText('No device fits').waitFor();
  });
  await step('it is retired, and everybody can read who did what', async () => {
    await at(`/devices?search=${run}`);
    await page.getByRole('link', { name: `Phone ${run}` }).click();
    await button('Retire').click();
    await dialog.getByRole('button', { name: 'Retire' }).click();
    await page.getByText('Out of service since', { exact: false }).waitFor();
    ensure((await button('Block').count()) === 0, 'a retired device can be blocked');
    await at('/audit');
    await page.getByRole('row', { name: new RegExp(`Retirement.*Phone ${run}.*${administrator}.*Done`) }).waitFor();
    await field('Action').selectOption({ label: 'Unblocking' });
    await page.waitForURL(/action=device\.unblock/);
    await page.getByRole('row', { name: new RegExp(`Unblocking.*Phone ${run}`) }).waitFor();
  });
  await step('an administrator is added, with errors at the fields, and nobody removes themselves', async () => {
    await at('/administrators');
    await button('Add administrator').click();
    await dialog.getByLabel('Name', { exact: true }).fill(`ben-${run}`);
    await dialog.getByLabel('Password', { exact: true }).fill('short');
    await dialog.getByRole('button', { name: 'Add administrator' }).click();
    await dialog.getByText('The password is too short.').waitFor();
    none(await accessibility(page), 'accessibility');
    await dialog.getByLabel('Password', { exact: true }).fill(`Correct-Horse-${run}`);
    await dialog.getByRole('button', { name: 'Add administrator' }).click();
    await page.getByRole('row', { name: `ben-${run}` }).waitFor();
    const own = page.getByRole('row', { name: administrator }).filter({ hasText: 'You' });
    ensure((await own.getByRole('button').count()) === 0, 'administrators can remove themselves');
  });
  await step('whoever changes their password signs in with the new one', async () => {
    const other = await open(origin, { expected: refused });
    const theirs = (name) => other.page.getByLabel(name, { exact: true });
    const signsIn = async (word) => {
      await theirs('Administrator').fill(`ben-${run}`);
      await theirs('Password').fill(word);
      await theirs('Password').press('Enter');
    };
    await other.page.goto(`${origin}/administrators?password=1`);
    await signsIn(`Correct-Horse-${run}`);
    const change = other.page.getByRole('dialog').getByRole('button', { name: 'Change password' });
    await theirs('Current password').fill('wrong');
    await theirs('New password').fill(`Another-Horse-${run}`);
    await theirs('New password once more').fill('something else');
    await change.click();
    await other.page.getByText('The two passwords differ.').waitFor();
    await theirs('New password once more').fill(`Another-Horse-${run}`);
    await change.click();
    await other.page.getByText('The current password is wrong.').waitFor();
    none(await accessibility(other.page), 'accessibility');
    await theirs('Current password').fill(`Correct-Horse-${run}`);
    await change.click();
    await other.page.getByRole('heading', { name: 'Sign in to Cordon' }).waitFor();
    await signsIn(`Another-Horse-${run}`);
    await other.page.getByRole('heading', { name: 'Administrators', level: 1 }).waitFor();

    await page.getByRole('row', { name: `ben-${run}` }).getByRole('button', { name: 'Remove' }).click();
    await dialog.getByRole('button', { name: 'Remove administrator' }).click();
    await page.getByText('The administrator is removed.').waitFor();
    await other.page.goto(`${origin}/devices`);
    await other.page.getByRole('heading', { name: 'Sign in to Cordon' }).waitFor();
    none(other.faults, 'faults');
    await other.close();
  });
  if (values.wipe) {
    await step('a wipe is ordered only with the name of the device', async () => {
      await at(`/devices?search=${encodeURIComponent(values.wipe)}`);
      await page.getByRole('link', { name: values.wipe }).first().click();
      await button('Wipe …').click();
      await dialog.getByLabel('The key').check();
      const order = dialog.getByRole('button', { name: 'Wipe the key' });
      ensure(await order.isDisabled(), 'a wipe can be ordered without a word');
      await dialog.getByLabel('Type “', { exact: false }).fill(values.wipe);
      none(await accessibility(page), 'accessibility');
      await order.click();
      await page.getByText('The key is to be wiped').waitFor();
    });
  }
}

async function keyboard() {
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  await step('the first stop of the keyboard leads past the navigation', async () => {
    await at('/devices');
    await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    ensure((await focused()) === 'Skip to content', `the first stop is ${await focused()}`);
    await page.keyboard.press('Enter');
    ensure(await page.evaluate(() => document.activeElement?.id === 'content'), 'the content has no focus');
  });
  await step('keys jump, find and choose', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: 'Audit log', level: 1 }).waitFor();
    ensure((await focused()) === 'Audit log', 'the heading has no focus');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search for devices', exact: false }).fill(`phone ${run}`);
    await page.getByRole('option', { name: `Phone ${run}` }).waitFor();
    none(await accessibility(page), 'accessibility');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Phone ${run}`, level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.getByRole('row', { name: `Paula ${run}` }).waitFor();
    await page.keyboard.press('j');
    ensure(await page.evaluate(() => Boolean(document.activeElement?.closest('tbody th'))), 'no row has the focus');
  });
  await step('a dialog keeps the focus and gives it back', async () => {
    await button('Add person').focus();
    await page.keyboard.press('Enter');
    ensure(await dialog.getByLabel('Name', { exact: true }).evaluate((input) => input === document.activeElement), 'the first field has no focus');
    for (let count = 0; count < 12; count += 1) {
      await page.keyboard.press('Tab');
      ensure(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement?.closest('dialog'))), 'the focus leaves the dialog');
    }
    await page.keyboard.press('Escape');
    ensure(await button('Add person').evaluate((opener) => opener === document.activeElement), 'the opener has no focus');
  });
  await step('single keys can be switched off', async () => {
    await page.keyboard.press('?');
    await dialog.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await button(`Account: ${administrator}`).click();
    await page.getByRole('menuitem', { name: 'Appearance' }).click();
    await dialog.getByLabel('Single-key shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    ensure((await page.locator('dialog[open]').count()) === 0, 'a single key is heard');
    await page.evaluate(() => localStorage.clear());
  });
  await step('language and colours are chosen and remembered', async () => {
    await page.reload();
    await button(`Account: ${administrator}`).click();
    await page.getByRole('menuitem', { name: 'Appearance' }).click();
    await dialog.getByLabel('Dark').check();
    await dialog.getByLabel('Language').selectOption({ label: 'Deutsch' });
    await page.getByRole('heading', { name: 'Darstellung' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Personen', level: 1 }).waitFor();
    const look = await page.evaluate(() => [document.documentElement.lang, getComputedStyle(document.documentElement).colorScheme]);
    ensure(look.join() === 'de,dark', `it is ${look}`);
    await page.evaluate(() => localStorage.clear());
    await page.reload();
  });
}

async function everyLook() {
  const [device, person, group] = await Promise.all(['devices', 'people', 'groups'].map(firstOf));
  const certificate = await serialOf(`search=paula-${run}&state=good`);
  const revoked = await serialOf('state=revoked');
  const places = {
    overview: '/',
    devices: '/devices',
    device: `/devices/${device}`,
    'device-add': '/devices?new=1',
    people: '/people',
    person: `/people/${person}`,
    'person-add': '/people?new=1',
    groups: '/groups',
    group: `/groups/${group}`,
    'group-add': '/groups?new=1',
    invitations: '/invitations?show=all',
    invite: '/invitations?new=1',
    certificates: '/certificates',
    certificate: `/certificates/${certificate}`,
    'certificate-revoked': `/certificates/${revoked}`,
    'certificate-issue': '/certificates?new=1',
    'certificates-none': '/certificates?search=nothing-is-called-like-this',
    authorities: '/authorities',
    gateway: '/gateway',
    audit: '/audit',
    administrators: '/administrators',
    password: '/administrators?password=1',
    'not-found': '/nowhere',
    'nothing-found': '/devices?search=nothing-is-called-like-this',
  };
  for (const look of looks) {
    await step(`every page in ${nameOf(look)}`, async () => {
      const other = await open(origin, { ...look, cookies });
      try {
        for (const [name, path] of Object.entries(places)) {
          await other.page.goto(origin + path);
          await other.page.getByRole('heading', { level: 1 }).waitFor();
          await other.settled();
          await inspect(other.page, name, look);
        }
        await other.page.keyboard.press('Control+k');
        await inspect(other.page, 'palette', look);
        none(other.faults, 'faults');
      } finally {
        await other.close();
      }
    });
  }
}

async function firstOf(kind) {
  const answer = await browser.context.request.get(`${origin}/api/v1/${kind}`);
  const { items } = await answer.json();
  ensure(items.length > 0, `there are no ${kind}`);
  return items[0].id;
}

async function serialOf(query) {
  const answer = await browser.context.request.get(`${origin}/api/v1/certificates?${query}`);
  const { items } = await answer.json();
  ensure(items.length > 0, `there are no certificates for ${query}`);
  return items[0].serial;
}

async function signOut() {
  await step('signing out ends the session', async () => {
    await at('/');
    await button(`Account: ${administrator}`).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Cordon' }).waitFor();
    const other = await open(origin, { cookies, expected: refused });
    await other.page.goto(`${origin}/devices`);
    await other.page.getByRole('heading', { name: 'Sign in to Cordon' }).waitFor();
    none(other.faults, 'faults');
    await other.close();
  });
}

async function inspect(target, name, look) {
  await shot(name, look, target);
  none([...(await accessibility(target)), ...(await overflow(target))], `${name} in ${nameOf(look)}`);
}

async function shot(name, look, target = page) {
  if (values.shots) await target.screenshot({ path: join(values.shots, `${name}-${nameOf(look)}.png`) });
}

function certificate(address) {
  const path = join(folder, 'certificate.pem');
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null', '-out', path, '-days', '30', '-subj', '/CN=Paula', '-addext', `subjectAltName=email:${address}`],
    { stdio: 'ignore' },
  );
  return path;
}

function request(address) {
  return execFileSync(
    'openssl',
    ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null', '-subj', `/CN=Paula of ${run}`, '-addext', `subjectAltName=email:${address}`],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
}
