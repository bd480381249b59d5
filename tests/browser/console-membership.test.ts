/**
 * A customer's points and vouchers by hand, in a real browser: staff of a role adjust within its limit and see the movement in lots and
 * statement, are stopped above it, and grant a voucher that the customer then has.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { describeWithBrowser, openBrowser } from '../helpers/browser.js';
import { openShop, staffPassword } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

describeWithBrowser('membership in the console', () => {
  let shop: Shop;
  let browser: BrowserContext;
  let page: Page;
  let manager: StaffClient;
  let customerId: string;
  const faults: string[] = [];

  beforeAll(async () => {
    shop = await openShop({ withConsole: true });
    await shop.staff('agent', 'xiaolin');
    manager = await shop.staff('manager', 'laowang');
    await shop.addPerson('o-wang', '王小明');
    await shop.control('people/o-wang/follow');
    customerId = await reportOrder();
    await addCoupon('满 100 减 10', 1000);
    await addCoupon('满 100 减 50', 5000);
    browser = await openBrowser({ width: 1280, height: 800 });
    page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${shop.base}/console/`);
    await page.getByTestId('signin-account').fill('xiaolin');
    await page.getByTestId('signin-password').fill(staffPassword);
    await page.getByTestId('signin-password').press('Enter');
    await page.getByTestId('menu-customers').click();
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await shop?.stop();
  });

  /** An order paid today: its points wait for the return window. */
  async function reportOrder(): Promise<string> {
    const system = await shop.shopSystem();
    const at = new Date().toISOString();
    const goods = { sku: 'S1', name: '羊毛围巾', category: '配饰', quantity: 1, price: 19900 };
    const reported = await system.post('/orders', {
      ...{ source: 'shop', orderNo: 'E20260001', status: 'paid', placedAt: at, paidAt: at, updatedAt: at },
      customer: { openid: 'o-wang', name: '王小明' },
      ...{ currency: 'CNY', amount: 19900, paid: 19900, freight: 0, discount: 0, items: [goods] },
    });
    expect(reported.status).toBeLessThan(300);
    const found = await system.post('/customers/lookup', { customer: { openid: 'o-wang' } });
    return String(found.body['id']);
  }

  async function addCoupon(title: string, amountOff: number): Promise<void> {
    const body = { title, amountOff, threshold: 10000, validDays: 30, budget: 5, perPerson: 2 };
    const { status } = await manager.call('POST', 'coupons', body);
    expect(status).toBe(201);
  }

  const sum = (name: string): Promise<string> => page.getByTestId(`points-${name}`).innerText();

  it('opens the customer from the list, with level and points in sight', async () => {
    await page.getByTestId('customer-row').first().click();
    await page.getByTestId('person-summary').waitFor();
    expect(page.url()).toContain(customerId);
    await page.getByRole('tab', { name: '积分' }).click();
    await page.getByTestId('lot').first().waitFor();
    expect([await sum('available'), await sum('pending')]).toEqual(['0', '199']);
  }, 30_000);

  it('adjusts within the limit of the role; lots and statement show it', async () => {
    await page.getByTestId('points-adjust').click();
    await page.getByTestId('adjust-amount').locator('input').fill('120');
    await page.getByTestId('adjust-reason').fill('发货延迟补偿');
    await page.getByTestId('adjust-save').click();
    const entry = page.locator('[data-testid="statement-entry"][data-kind="adjust"]');
    await entry.waitFor();
    expect(await entry.innerText()).toMatch(/发货延迟补偿[\s\S]*\+120/);
    await page.getByTestId('points-available').getByText('120', { exact: true }).waitFor();
    await page.getByTestId('lot').filter({ hasText: '可用' }).getByText('120', { exact: true }).waitFor();
  }, 30_000);

  it('says that the role may not move so much, and moves nothing', async () => {
    await page.getByTestId('points-adjust').click();
    await page.getByTestId('adjust-amount').locator('input').fill('501');
    await page.getByTestId('adjust-reason').fill('大额补偿');
    const save = page.getByTestId('adjust-save');
    if (await save.isEnabled()) await save.click();
    await page.getByRole('alert').filter({ hasText: '上限' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await sum('available')).toBe('120');
    expect(await page.locator('[data-testid="statement-entry"][data-kind="adjust"]').count()).toBe(1);
  }, 30_000);

  it('grants a voucher within the limit', async () => {
    await page.getByRole('tab', { name: '卡券' }).click();
    await page.getByTestId('voucher-grant').click();
    await page.getByTestId('offer-满 100 减 10').click();
    await page.getByTestId('grant-reason').fill('破损补偿');
    await page.getByTestId('grant-save').click();
    const voucher = page.getByTestId('voucher');
    await voucher.first().waitFor();
    expect(await voucher.count()).toBe(1);
    expect(await voucher.innerText()).toMatch(/¥10[\s\S]*满 100 减 10[\s\S]*可用/);
  }, 30_000);

  it('tells of all of it in the timeline', async () => {
    await page.getByRole('tab', { name: '动态' }).click();
    const told = page.getByTestId('timeline');
    await told.getByText('收到卡券').waitFor();
    await told.getByText('积分人工调整').waitFor();
    await told.getByText(/\+120 · 发货延迟补偿/).waitFor();
  }, 30_000);

  it('met no script error', () => {
    expect(faults).toEqual([]);
  });
});
