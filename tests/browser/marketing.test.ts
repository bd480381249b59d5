/**
 * The marketer's half of the day in a real browser, on the whole product: builds a segment and sees whom it finds and why, writes a
 * broadcast, tests it on a colleague, forecasts; another person approves; the phones show what arrived, and the results stand beside the
 * forecast.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { startFront } from '../../demo/front.js';
import type { Front } from '../../demo/front.js';
import { buildPreview } from '../../miniprogram/preview/build.js';
import { createPreviewHandler } from '../../miniprogram/preview/serve.js';
import { describeWithBrowser, openBrowser, pick, signInTo } from '../helpers/browser.js';
import type { OpenClient } from '../helpers/open-client.js';
import { eventually, miniAccount, openShop } from '../helpers/shop.js';
import type { Shop } from '../helpers/shop.js';
import { openPhone } from '../miniprogram/phone.js';
import type { Phone } from '../miniprogram/phone.js';

const DAY_MS = 86_400_000;

interface Guest {
  id: string;
  name: string;
  /** Days since they last looked around; never, when left out. */
  seen?: number;
  bought?: boolean;
  /** They are a member in the mini-program too. */
  member?: boolean;
  promotion?: 'given' | 'withdrawn';
  minor?: boolean;
  leaves?: boolean;
}

/** Eight looked around within 30 days and bought nothing; of these two may not be spoken to and one left. */
const guests: readonly Guest[] = [
  { id: 'lin', name: '林小满', seen: 2, member: true, promotion: 'given' },
  { id: 'xu', name: '许知远', seen: 9, promotion: 'given' },
  { id: 'gu', name: '顾清扬', seen: 14, promotion: 'given' },
  { id: 'he', name: '何以宁', seen: 21, promotion: 'given' },
  { id: 'shen', name: '沈从安', seen: 28, promotion: 'given' },
  { id: 'tang', name: '唐果', seen: 3, promotion: 'given', minor: true },
  { id: 'song', name: '宋词', seen: 5, promotion: 'withdrawn' },
  { id: 'bai', name: '白露', seen: 6, promotion: 'given', leaves: true },
  { id: 'fang', name: '方圆', seen: 4, bought: true, promotion: 'given' },
  { id: 'qin', name: '秦岭', seen: 12, bought: true, promotion: 'given' },
  { id: 'yan', name: '严冬', seen: 45, promotion: 'given' },
  { id: 'wei', name: '魏来', promotion: 'given' },
];
const MASS = '新茶器到店，本周来店有茶喝。';
const INBOX = '{name|朋友}，新茶器到店了';

describeWithBrowser('a marketer in the browser', () => {
  let shop: Shop;
  let front: Front;
  let system: OpenClient;
  let folder: string;
  let phone: Phone;
  const browsers: BrowserContext[] = [];
  let marketer: Page;
  let manager: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'huike-preview-'));
    await buildPreview({ outDir: folder });
    const config = { approval: { people: 5, costFen: 1_000_000 } };
    shop = await openShop({
      withConsole: true,
      config: (read) => ({ ...read, marketing: { ...read.marketing, ...config } }),
    });
    await shop.control('clock', { set: nextTen(new Date()).toISOString() });
    front = await startFront(0);
    const [server, platform] = [new URL(shop.base), new URL(shop.sim.phoneUrl)];
    front.open({
      server: { host: server.hostname, port: Number(server.port) },
      phone: { host: platform.hostname, port: Number(platform.port) },
      landing: '',
      preview: createPreviewHandler(folder),
    });
    system = await shop.shopSystem({ name: 'shop' });
    await Promise.all(guests.map(come));
    await shop.staff('marketer', 'amy');
    await shop.staff('manager', 'laowang');
    [phone, marketer, manager] = await Promise.all([openPhone(), desk('amy'), desk('laowang')]);
  }, 120_000);

  afterAll(async () => {
    await phone?.close();
    await Promise.all(browsers.map((one) => one.close()));
    await front?.close();
    await shop?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function desk(account: string): Promise<Page> {
    const browser = await openBrowser({ width: 1360, height: 900 });
    browsers.push(browser);
    browser.setDefaultTimeout(10_000);
    const page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(`${account}: ${error.message}`));
    await signInTo(page, shop.base, account);
    return page;
  }

  /** Follows, becomes known to the shop's system, looks around, buys, leaves. */
  async function come(one: Guest): Promise<void> {
    const openid = `o-${one.id}`;
    await shop.addPerson(openid, one.name, { unionid: `u-${one.id}`, ...(one.member ? { mini: `m-${one.id}` } : {}) });
    await shop.control(`people/${openid}/follow`);
    if (one.member) await shop.member(openid);
    const now = shop.app.clock.now();
    const before = (days: number): string => new Date(now.getTime() - days * DAY_MS).toISOString();
    const word = { purpose: 'promotion', channel: 'wechat', textVersion: 't-1', at: now.toISOString() };
    const customer = { openid };
    await taken('/customers', {
      ...{ source: 'shop', externalId: one.id, openid, name: one.name, updatedAt: now.toISOString() },
      consents: one.promotion ? [{ ...word, withdrawn: one.promotion === 'withdrawn' }] : [],
      ...(one.minor ? { birthday: `${now.getFullYear() - 15}-01-02` } : {}),
    });
    if (one.seen !== undefined) {
      await taken('/events', { source: 'shop', eventId: one.id, type: 'view', customer, at: before(one.seen) });
    }
    if (one.bought) await buy(one.id, customer, before(3));
    if (one.leaves) await shop.control(`people/${openid}/unfollow`);
  }

  async function buy(orderNo: string, customer: object, at: string): Promise<void> {
    const goods = { sku: 'CUP-01', name: '粗陶杯', category: '餐厨', quantity: 1, price: 12_900 };
    await taken('/orders', {
      ...{ source: 'shop', orderNo, customer, status: 'paid', placedAt: at, paidAt: at, updatedAt: at },
      ...{ currency: 'CNY', amount: 12_900, paid: 12_900, freight: 0, discount: 0, items: [goods] },
    });
  }

  async function taken(path: string, body: object): Promise<void> {
    const { status, body: answer } = await system.post(path, body);
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`);
  }

  const at = (testid: string) => marketer.getByTestId(testid);
  const arrived = async (id: string): Promise<string> => JSON.stringify(await shop.received(`o-${id}`));

  it('builds a segment in the rule builder and sees how many, some of them, and why one is in', async () => {
    await at('menu-segments').click();
    await at('segment-add').click();
    await at('segment-name').fill('近30天活跃未下单');
    await pick(marketer, 'rule-add', '一段时间内的行为');
    await pick(marketer, 'rule-add', '一段时间内的购买');
    await at('rule-not').nth(1).click();
    await at('segment-count').getByText('8', { exact: true }).waitFor();
    await marketer.locator('[data-testid=segment-sample][aria-busy=false]').getByText('许知远').waitFor();
    expect(await at('segment-sample').innerText()).not.toMatch(/方圆|严冬|魏来/);
    await at('segment-save').click();
    await marketer.waitForURL(/segments\/[0-9a-f]{24}/);
    await marketer.getByRole('tab', { name: /为什么/ }).click();
    await pick(marketer, 'customer-picker', '许知远');
    await at('why-answer')
      .getByText(/^\s*在这个分群里/)
      .waitFor();
    await pick(marketer, 'customer-picker', '方圆');
    await at('why-answer')
      .getByText(/^\s*不在这个分群里/)
      .waitFor();
  }, 40_000);

  it('writes a broadcast to it, sees it forecast with every reason, and may not start it alone', async () => {
    await at('menu-broadcasts').click();
    await at('broadcast-add').click();
    await at('broadcast-name').fill('新茶器到店');
    await at('broadcast-next').click();
    await marketer
      .locator('label', { has: at('rule-saved') })
      .or(at('rule-saved'))
      .first()
      .click();
    await at('audience-people').getByText('8', { exact: true }).waitFor();
    await at('broadcast-holdout').locator('input').fill('0');
    await at('broadcast-next').click();
    await at('broadcast-text').fill(INBOX);
    await marketer.getByTestId('way-mass-send').click();
    await at('broadcast-mass-text').fill(MASS);
    await at('broadcast-save').click();
    // Who left cannot be written to; nor is the address of anybody guessed.
    await pick(marketer, 'test-customer', '白露');
    await at('test-send').click();
    await at('test-error').waitFor();
    expect(await marketer.locator('[data-outcome]').count()).toBe(0);
    await pick(marketer, 'test-customer', '林小满');
    await at('test-send').click();
    await marketer.locator('[data-outcome="sent"]').waitFor();
    await at('broadcast-next').click();
    await at('forecast-reachable').waitFor();
    expect(await at('forecast-people').innerText()).toBe('8');
    expect(await at('forecast-reachable').innerText()).toMatch(/^5/);
    const told = await at('forecast').innerText();
    for (const reason of ['未成年人', '已拒收', '已取消关注']) expect(told).toContain(reason);
    expect(await at('broadcast-start').count()).toBe(0);
    await at('broadcast-submit').click();
    await marketer.locator('[data-testid="broadcast-state"][data-state="submitted"]').waitFor();
  }, 40_000);

  it('goes when another person has approved it, to whom the forecast said', async () => {
    await manager.getByTestId('menu-broadcasts').click();
    await manager.getByTestId('broadcast-row').getByText('新茶器到店').click();
    await manager.getByTestId('broadcast-approve').click();
    await manager.locator('.el-message-box .el-button--primary').click();
    await at('broadcast-start').click();
    await marketer.locator('.el-message-box .el-button--primary').click();
    for (const id of ['xu', 'gu', 'he', 'shen'])
      await eventually(async () => (await arrived(id)).includes(MASS), 15_000);
    for (const id of ['tang', 'song', 'bai', 'fang', 'qin', 'yan', 'wei'])
      expect(await arrived(id)).not.toContain(MASS);
  }, 40_000);

  it('shows on the phones: the official account, and the member’s messages', async () => {
    const page = await browsers[0]!.newPage();
    await page.goto(shop.sim.phoneUrl);
    await page.getByTestId('phone-person-许知远').click();
    await page.getByTestId('phone-message').filter({ hasText: MASS }).waitFor();
    await page.close();
    await phone.open(`${front.url}/m/?openid=m-lin&appid=${miniAccount.appId}#/pages/messages/index`);
    await phone.page.getByText('林小满，新茶器到店了', { exact: true }).locator('visible=true').first().waitFor();
  }, 40_000);

  it('shows the actual figures beside the forecast, each opening to its people', async () => {
    await marketer.bringToFront();
    await at('results').waitFor();
    await at('actual-reached').getByText(/^5/).waitFor();
    expect(await at('forecast-reachable').innerText()).toMatch(/^5/);
    expect(await at('actual-people').innerText()).toBe('8');
    await at('results').locator('[data-reason="person.minor"]').click();
    await eventually(async () => (await at('outcome-row').count()) === 1);
    expect(await at('outcome-row').innerText()).toMatch(/唐果[\s\S]*未成年/);
  }, 40_000);

  it('opens them by keyboard too, each under a name that says of what it is, and leads on to the people', async () => {
    const figure = (name: RegExp) => at('results').getByRole('button', { name });
    for (const [name, people] of [
      [/^人数：8，/, 8],
      [/^可送达：5 · /, 5],
      [/^小程序站内信：1，/, 1],
    ] as const) {
      await figure(name).focus();
      await marketer.keyboard.press('Enter');
      await eventually(async () => (await at('outcome-row').count()) === people);
      expect(await marketer.locator(':focus').getByTestId('outcomes').count()).toBe(1);
    }
  }, 40_000);

  it('met no script error', () => {
    expect([...faults, ...phone.faults]).toEqual([]);
  });
});

/** Ten in the morning at the shop (Asia/Shanghai): nobody is wooed at night. */
function nextTen(after: Date): Date {
  const day = new Date(after.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
  const today = new Date(`${day}T10:00:00+08:00`);
  return today > after ? today : new Date(today.getTime() + DAY_MS);
}
