/**
 * The member's half of the day in a real browser, by touch, on the whole product: the mini-program from its native sources, the real
 * server, the simulated platform. Join, check in, see the points of an order, take and use a voucher, follow a parcel.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFront } from '../../demo/front.js';
import type { Front } from '../../demo/front.js';
import { buildPreview } from '../../miniprogram/preview/build.js';
import { createPreviewHandler } from '../../miniprogram/preview/serve.js';
import { describeWithBrowser } from '../helpers/browser.js';
import type { OpenClient } from '../helpers/open-client.js';
import { eventually, miniAccount, openShop } from '../helpers/shop.js';
import type { Shop } from '../helpers/shop.js';
import { openPhone } from '../miniprogram/phone.js';
import type { Phone } from '../miniprogram/phone.js';

const DAY_MS = 86_400_000;

describeWithBrowser('the member by touch on the whole product', () => {
  let shop: Shop;
  let front: Front;
  let phone: Phone;
  let system: OpenClient;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'huike-preview-'));
    await buildPreview({ outDir: folder });
    shop = await openShop();
    front = await startFront(0);
    const { hostname: host, port } = new URL(shop.base);
    const platform = new URL(shop.sim.phoneUrl);
    front.open({
      server: { host, port: Number(port) },
      phone: { host: platform.hostname, port: Number(platform.port) },
      landing: '',
      preview: createPreviewHandler(folder),
    });
    await shop.addPerson('o-lin', '林小满', { unionid: 'u-lin', phone: '13800138000', mini: 'm-lin' });
    await shop.control('people/o-lin/follow');
    system = await shop.shopSystem({ name: 'shop' });
    await offerVoucher();
    phone = await openPhone();
    await phone.open(`${front.url}/m/?openid=m-lin&appid=${miniAccount.appId}`);
  }, 120_000);

  afterAll(async () => {
    await phone?.close();
    await front?.close();
    await shop?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function offerVoucher(): Promise<void> {
    const marketer = await shop.staff('marketer', 'amy');
    const coupon = {
      title: '满199减20',
      amountOff: 2000,
      threshold: 19_900,
      validDays: 30,
      budget: 100,
      claimable: true,
    };
    expect((await marketer.call('POST', 'coupons', coupon)).status).toBe(201);
  }

  const visit = (page: string): Promise<void> =>
    phone.open(`${front.url}/m/?openid=m-lin&appid=${miniAccount.appId}#/pages/${page}/index`);
  const text = async (selector: string): Promise<string> => (await phone.at(selector).innerText()).trim();
  const shows = (words: string): Promise<void> => phone.page.getByText(words).locator('visible=true').first().waitFor();

  async function order(state: Record<string, unknown>): Promise<void> {
    const now = shop.app.clock.now().toISOString();
    const answer = await system.post('/orders', {
      source: 'qimu',
      orderNo: 'QM-1',
      customer: { unionid: 'u-lin' },
      placedAt: state['paidAt'] ?? now,
      currency: 'CNY',
      amount: 29_900,
      paid: 29_900,
      freight: 0,
      discount: 0,
      items: [{ sku: 'KIT-01', name: '手作粗陶马克杯', category: '餐厨', quantity: 1, price: 29_900 }],
      updatedAt: now,
      ...state,
    });
    expect(answer.status).toBe(200);
  }

  it('joins with the phone number the platform vouches for, and finds the gift on the card', async () => {
    await phone.at('#invite').waitFor();
    await phone.tap('#to-join');
    await phone.at('#join').waitFor();
    await phone.tap('#consent-privacy');
    await phone.tap('#age-adult');
    await phone.tap('#consent-promotion-wechat');
    await phone.tap('#phone');
    await phone.at('#phone-word').waitFor();
    await phone.tap('#join');
    await phone.at('#card').waitFor();
    expect([await text('#card-level'), await text('#points')]).toEqual(['普通会员', '20']);
  }, 30_000);

  it('checks in once a day', async () => {
    await phone.tap('#checkin');
    await eventually(async () => (await text('#points')) === '25');
    expect(await text('#checkin')).toBe('已签到');
  }, 30_000);

  it('sees the points of an order: pending, then usable when the return window has passed', async () => {
    const paidAt = shop.app.clock.now().toISOString();
    await order({ status: 'paid', paidAt });
    await visit('points');
    await phone.at('#balance').waitFor();
    expect(await text('#balance')).toBe('25');
    expect(await text('#balance-pending')).toContain('299');
    await order({ status: 'completed', paidAt, receivedAt: paidAt, completedAt: paidAt });
    await shop.control('clock', { advanceMs: 16 * DAY_MS });
    await eventually(async () => {
      const { body } = await system.post('/customers/lookup', { customer: { unionid: 'u-lin' } });
      return (body as { points?: { available: number } }).points?.available === 324;
    });
    await visit('points');
    await eventually(async () => (await text('#balance')) === '324');
  }, 60_000);

  it('takes a voucher, shows its code at the counter, and sees it used', async () => {
    await visit('vouchers');
    await phone.tap('[class*="--claim"]');
    await phone.at('#claimed').waitFor();
    await phone.tap('#claimed-close');
    await phone.page.locator('.use').first().tap();
    const code = (await text('#voucher-code')).replace(/\s/g, '');
    const at = shop.app.clock.now().toISOString();
    const redeemed = await system.post(`/vouchers/${code}/redeem`, {
      source: 'qimu',
      orderNo: 'QM-2',
      amount: 25_000,
      at,
    });
    expect(redeemed.status).toBe(200);
    await visit('vouchers');
    await phone.tap('#tab-used');
    await shows('满199减20');
  }, 60_000);

  it('follows the parcel of an order', async () => {
    const at = shop.app.clock.now().toISOString();
    const shipments = [{ carrier: '顺丰速运', trackingNo: 'SF1234567890', status: 'in-transit', at }];
    await order({ orderNo: 'QM-3', status: 'dispatched', paidAt: at, dispatchedAt: at, shipments });
    await visit('orders');
    await phone.at('#order-QM-3').waitFor();
    expect(await phone.at('#order-QM-3').innerText()).toMatch(/运输中[\s\S]*SF1234567890[\s\S]*¥299.00/);
  }, 30_000);
});
