/** A real Chromium for tests, Debian's. Where there is none: a loud skip, a failure with CI=true. */
import { describe } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import { staffPassword } from './shop.js';

const candidates = [
  process.env['HUIKE_CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
export const chromiumPath = candidates.find((path) => path && existsSync(path));

export function describeWithBrowser(name: string, tests: () => void): void {
  if (chromiumPath || process.env['CI'] === 'true') return describe(name, tests);
  process.stderr.write(
    `\n*** SKIPPED: ${name}: there is no Chromium on this machine (Debian: apt-get install chromium) ***\n\n`,
  );
  describe.skip(name, tests);
}

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser profile of its own: one person at one computer. */
export async function openBrowser(size: { width: number; height: number }): Promise<BrowserContext> {
  if (!chromiumPath) throw new Error('there is no Chromium');
  return chromium.launchPersistentContext(await mkdtemp(join(tmpdir(), 'huike-browser-')), {
    executablePath: chromiumPath,
    args: quiet,
    viewport: size,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  });
}

/** Signs a staff member of a test shop in; resolves once their first room is there. */
export async function signInTo(page: Page, base: string, account: string): Promise<void> {
  await page.goto(`${base}/console/`);
  await page.getByTestId('signin-account').fill(account);
  await page.getByTestId('signin-password').fill(staffPassword);
  await page.getByTestId('signin-password').press('Enter');
  await page.getByTestId('menu-customers').waitFor();
}

/** Chooses from a list that is searched by typing. */
export async function pick(page: Page, testid: string, words: string): Promise<void> {
  await page.getByTestId(testid).first().click();
  await page.keyboard.type(words);
  await page.locator('.el-select-dropdown__item:visible').filter({ hasText: words }).first().click();
}
