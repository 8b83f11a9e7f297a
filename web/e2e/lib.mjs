// What the end-to-end suites of the pages share: a browser that reports every fault, accessibility checks, pictures.
import { AxeBuilder } from '@axe-core/playwright';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const everyLook = ['de', 'en'].flatMap((language) =>
  ['light', 'dark'].flatMap((theme) => [1280, 390].map((width) => ({ language, theme, width }))),
);

/** The looks that a command line asks for, by their names and separated by commas; all of them without or with `all`. */
export function looksOf(text = 'all') {
  if (text === 'all') return everyLook;

  return text.split(',').map((name) => {
    const look = everyLook.find((other) => nameOf(other) === name);
    if (look) return look;

    console.error(`there is no look ${name}; there are: all, ${everyLook.map(nameOf).join(', ')}`);
    process.exit(2);
  });
}

/** The name of a look, for files. */
export const nameOf = ({ language, theme, width }) => `${language}-${theme}-${width}`;

/**
 * Opens a fresh browser on pages of `origin` in one look. Every request to another origin, every error on the console,
 * every uncaught exception and every violation of the Content-Security-Policy is kept in `faults`.
 *
 * `expected(fault)` may let a fault pass that a test provokes on purpose. `settled()` waits until no answer is owed and
 * the page has drawn what came; not for pages that hold a request open.
 */
export async function open(origin, { language = 'en', theme = 'light', width = 1280, height = width < 600 ? 844 : 900, cookies = [], expected = () => false } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'cordon-e2e-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: flags,
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    colorScheme: theme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    ignoreHTTPSErrors: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await context.addCookies(cookies);
  const faults = [];
  const note = (fault) => {
    if (!expected(fault)) faults.push(fault);
  };
  const allowed = new URL(origin).origin;
  const owed = new Set();
  for (const end of ['requestfinished', 'requestfailed']) context.on(end, (request) => owed.delete(request));
  context.on('request', (request) => {
    owed.add(request);
    const url = new URL(request.url());
    if (url.origin !== allowed && !['data:', 'blob:', 'about:', 'chrome-error:'].includes(url.protocol)) {
      note(`request to a foreign origin: ${url.href}`);
    }
  });
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  const watch = (page) => {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) note(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => note(`exception: ${error.message}`));
  };
  context.on('page', watch);
  const page = context.pages()[0] ?? (await context.newPage());
  watch(page);
  page.setDefaultTimeout(10_000);

  return {
    page,
    context,
    faults,
    async settled() {
      const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      for (const start = Date.now(); ; ) {
        await page.evaluate(drawn);
        if (owed.size === 0 && (await page.evaluate(drawn), owed.size === 0)) return;
        ensure(Date.now() - start < 10_000, `still owed: ${[...owed].map((request) => request.url())}`);
      }
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * The violations of the accessibility rules on the page as it is, one line each. Framed mail is left out, and what
 * `others` names: documents bring a structure of their own.
 */
export async function accessibility(page, others = []) {
  const rules = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']);
  const { violations } = await ['iframe', ...others].reduce((builder, part) => builder.exclude(part), rules).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `axe ${id}: ${target.join(' ')}: ${failureSummary?.split('\n').slice(1).join(' ').trim()}`),
  );
}

/** Whether the page is wider than the window, and which elements stick out. */
export async function overflow(page) {
  return page.evaluate(() => {
    const { clientWidth } = document.documentElement;
    if (document.documentElement.scrollWidth <= clientWidth) return [];

    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .slice(0, 5)
      .map((element) => `sticks out: ${element.tagName.toLowerCase()}.${element.className}`);
  });
}

/** Runs named steps in order, prints a line for each, and says at the end whether all held. */
export function suite(title) {
  const failures = [];
  let count = 0;
  return {
    async step(name, run) {
      count += 1;
      const began = Date.now();
      try {
        await run();
        console.log(`ok    ${name} (${Date.now() - began} ms)`);
      } catch (error) {
        failures.push(name);
        console.log(`FAIL  ${name}\n      ${String(error?.message ?? error).split('\n').join('\n      ')}`);
      }
    },
    /** Prints the result and returns the exit code. */
    end() {
      console.log(`${title}: ${count - failures.length} of ${count} steps held`);
      return failures.length === 0 && count > 0 ? 0 : 1;
    },
  };
}

/** Fails with all lines, if there are any. */
export function none(lines, what) {
  if (lines.length > 0) throw new Error(`${what}:\n${lines.join('\n')}`);
}

/** Fails unless the condition holds. */
export function ensure(condition, message) {
  if (!condition) throw new Error(message);
}
