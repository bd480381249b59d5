/** A phone's browser: touch, 375 x 812. Faults of the page and refusals of its security policy are collected. */
import { chromium } from 'playwright-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { chromiumPath } from '../helpers/browser.js';

export interface Phone {
  page: Page;
  faults: string[];
  /** What is on the page on top: those below are hidden. */
  at(selector: string): Locator;
  tap(selector: string): Promise<void>;
  open(address: string): Promise<void>;
  /** A finger drawn down from the top of the page. */
  pullDown(): Promise<void>;
  close(): Promise<void>;
}

export async function openPhone(): Promise<Phone> {
  if (!chromiumPath) throw new Error('there is no Chromium');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath, args });
  const context = await browser.newContext({
    viewport: { width: 375, height: 812 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  });
  context.setDefaultTimeout(8_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|no stand-in|not unique/.test(message.text())) faults.push(message.text());
  });
  const at = (selector: string): Locator => page.locator(`${selector}:visible`).first();
  return {
    page,
    faults,
    at,
    tap: (selector) => at(selector).tap(),
    async open(address) {
      // Another hash alone would not open the page afresh.
      await page.goto('about:blank');
      await page.goto(address);
    },
    async pullDown() {
      const touch = await context.newCDPSession(page);
      const finger = (type: 'touchStart' | 'touchMove', y: number): Promise<unknown> =>
        touch.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x: 180, y }] });
      await finger('touchStart', 120);
      for (const y of [150, 190, 230, 270]) await finger('touchMove', y);
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    },
    close: () => browser.close(),
  };
}

/** Repeats an expectation until it holds; its last failure after five seconds. */
export async function until(expectation: () => void | Promise<void>): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resume) => setTimeout(resume, 50));
  }
}
