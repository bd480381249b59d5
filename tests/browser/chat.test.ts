/**
 * The corridor in a real browser: a customer types on the phone, the agent's open console shows it within a second, the agent
 * replies by keyboard alone, the phone shows it. Also the closed window, and a second agent who comes too late.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { describeWithBrowser, openBrowser } from '../helpers/browser.js';
import { eventually, openShop, staffPassword } from '../helpers/shop.js';
import type { Shop } from '../helpers/shop.js';

describeWithBrowser('the corridor in a browser', () => {
  let shop: Shop;
  let phoneBrowser: BrowserContext;
  let agentBrowser: BrowserContext;
  let otherBrowser: BrowserContext;
  let phone: Page;
  let agent: Page;
  let other: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    shop = await openShop({ withConsole: true });
    await shop.staff('agent', 'xiaolin');
    await shop.staff('agent', 'xiaomei');
    await shop.addPerson('o-wang', '王小明');
    await shop.control('people/o-wang/follow');
    phoneBrowser = await openBrowser({ width: 420, height: 820 });
    agentBrowser = await openBrowser({ width: 1360, height: 860 });
    otherBrowser = await openBrowser({ width: 1360, height: 860 });
    phone = await phoneBrowser.newPage();
    await phone.goto(shop.sim.phoneUrl);
    agent = await signIn(agentBrowser, 'xiaolin');
    other = await signIn(otherBrowser, 'xiaomei');
  }, 90_000);

  afterAll(async () => {
    await Promise.all([phoneBrowser, agentBrowser, otherBrowser].map((one) => one?.close()));
    await shop?.stop();
  });

  async function signIn(browser: BrowserContext, account: string): Promise<Page> {
    const page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(`${account}: ${error.message}`));
    await page.goto(`${shop.base}/console/`);
    await page.getByTestId('signin-account').fill(account);
    await page.getByTestId('signin-password').fill(staffPassword);
    await page.getByTestId('signin-password').press('Enter');
    await page.getByTestId('box-unassigned').waitFor();
    return page;
  }

  const row = (page: Page) =>
    page
      .getByTestId('conversation-item')
      .filter({ hasText: /微信用户|王/ })
      .first();

  it('shows a typed message in the open console within a second', async () => {
    await phone.getByTestId('phone-person-王小明').click();
    await phone.getByTestId('phone-input').fill('你好，这件外套还有 M 码吗？');
    await phone.getByTestId('phone-input').press('Enter');
    await phone.getByTestId('phone-message').filter({ hasText: 'M 码' }).waitFor();
    const typedAt = Date.now();
    await agent.getByTestId('conversation-item').filter({ hasText: 'M 码' }).waitFor({ timeout: 5000 });
    expect(Date.now() - typedAt).toBeLessThan(1000);
  }, 30_000);

  it('lets one of two agents claim it; the other is told who has it', async () => {
    await row(agent).click();
    await row(other).click();
    await agent.getByTestId('claim').waitFor();
    await other.getByTestId('claim').waitFor();
    await Promise.all([agent.keyboard.press('c'), other.getByTestId('claim').click()]);
    const holders = await eventually(async () => {
      const seen = await Promise.all([agent, other].map((page) => page.getByTestId('composer-input').isEnabled()));
      return seen[0] !== seen[1] ? seen : undefined;
    });
    expect(holders.filter(Boolean)).toHaveLength(1);
    const loser = holders[0] ? other : agent;
    await loser
      .getByText(/xiaolin|xiaomei/)
      .first()
      .waitFor();
    if (!holders[0]) [agent, other] = [other, agent];
  }, 30_000);

  it('carries a reply typed by keyboard alone to the phone', async () => {
    await agent.bringToFront();
    await agent.keyboard.press('Escape');
    await agent.keyboard.press('r');
    await agent.keyboard.type('有的，亲，今天下单明天发货～');
    await agent.keyboard.press('Enter');
    const arrived = phone.getByTestId('phone-message').filter({ hasText: '明天发货' });
    await arrived.waitFor({ timeout: 5000 });
    expect(await arrived.innerText()).toMatch(/^有的，亲，今天下单明天发货～/m);
    await agent
      .locator('[data-testid="chat-message"][data-state="sent"]')
      .filter({ hasText: '明天发货' })
      .waitFor({ timeout: 5000 });
    await expect(agent.getByTestId('composer-window').innerText()).resolves.toMatch(/\d/);
  }, 30_000);

  it('says at the composer that the window closed, after 48 hours', async () => {
    await shop.control('clock', { advanceMs: 49 * 3_600_000 });
    await eventually(() => Promise.resolve(shop.app.clock.now().getTime() > Date.now() + 48 * 3_600_000));
    await agent.reload();
    await agent.getByTestId('box-mine').click();
    await row(agent).click();
    await agent.getByTestId('composer-blocked').waitFor({ timeout: 5000 });
  }, 30_000);

  it('met no script error', () => {
    expect(faults).toEqual([]);
  });
});
