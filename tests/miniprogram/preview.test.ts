/**
 * The mini-program by touch in Chromium, from its native sources, against a small shop: joining, the card, checking in, points, vouchers,
 * orders, privacy. What the server was asked is checked as much as what is shown. Screenshots go to HUIKE_SCREENSHOTS where that is set.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { describeWithBrowser } from '../helpers/browser.js';
import { problem, shopTexts } from './fake-member.js';
import { openFakeShop } from './fake-shop.js';
import type { FakeShop } from './fake-shop.js';
import { openPhone, until } from './phone.js';
import type { Phone } from './phone.js';

describeWithBrowser('the mini-program by touch', () => {
  let shop: FakeShop;
  let phone: Phone;

  beforeAll(async () => {
    shop = await openFakeShop();
    phone = await openPhone();
    await phone.open(shop.url);
  }, 60_000);
  beforeEach(() => {
    shop.member.asked.length = 0;
  });
  afterAll(async () => {
    await phone?.close();
    await shop?.close();
  });

  const text = async (selector: string): Promise<string> => (await phone.at(selector).innerText()).trim();
  const shows = (words: string): Promise<void> => phone.page.getByText(words).locator('visible=true').first().waitFor();
  const bodies = (path: string): unknown[] =>
    shop.member.asked.filter((asked) => asked.path === path).map(({ body }) => body);
  const paths = (): string[] => shop.member.asked.map(({ method, path }) => `${method} ${path}`);
  async function shot(name: string): Promise<void> {
    const folder = process.env['HUIKE_SCREENSHOTS'];
    if (!folder) return;
    await phone.page.locator('#mp-toast').waitFor({ state: 'detached' });
    await phone.page.screenshot({ path: join(folder, `${name}.png`) });
  }
  /** A fresh opening of one page, as from a message. */
  const visit = (page: string): Promise<void> => phone.open(`${shop.url}#/pages/${page}/index`);

  it('may be looked at before joining; claiming leads to joining', async () => {
    await phone.at('#invite').waitFor();
    await shows('冬季满减券');
    await shot('guest');
    await phone.tap('[class*="--claim"]');
    await phone.at('#join').waitFor();
    expect(bodies('/offers/claim')).toEqual([]);
  });

  it('shows the privacy notice in full, every consent unticked, and joins nobody who has not agreed', async () => {
    expect(await text('#privacy-text')).toContain('或退出会员');
    const boxes = phone.page.locator('[role=checkbox]:visible');
    expect(await boxes.count()).toBe(4);
    for (const box of await boxes.all()) expect(await box.getAttribute('aria-checked')).toBe('false');
    await shot('join');
    await phone.tap('#join');
    await shows('请先阅读并同意隐私说明');
    await phone.tap('#consent-privacy');
    await phone.tap('#join');
    await shows('请选择年龄段');
    await phone.tap('#age-under14');
    await phone.tap('#join');
    await shows('需要监护人同意后才能加入');
    expect(bodies('/join')).toEqual([]);
  });

  it('has a text that changed meanwhile read and agreed to anew', async () => {
    const { privacy } = shopTexts;
    const before = { ...privacy };
    await phone.tap('#consent-guardian');
    Object.assign(privacy, { version: '2026-12', text: '新的隐私说明' });
    shop.member.refuseNext.set('/join', problem(409, 'member.textChanged'));
    await phone.tap('#join');
    await shows('说明文字已更新');
    await until(async () => expect(await text('#privacy-text')).toBe('新的隐私说明'));
    expect(await phone.at('#consent-privacy').getAttribute('aria-checked')).toBe('false');
    await phone.tap('#consent-privacy');
    Object.assign(privacy, before);
  });

  it('joins with what was ticked and nothing else, and the phone number by the platform’s button', async () => {
    await phone.tap('#age-adult');
    await phone.tap('#consent-promotion-wechat');
    await phone.tap('#consent-care-wechat');
    await phone.tap('#consent-care-wechat');
    await phone.tap('#phone');
    await phone.at('#phone-word').waitFor();
    await phone.tap('#join');
    await phone.at('#card').waitFor();
    expect(bodies('/join')).toEqual([
      {
        privacyVersion: '2026-12',
        age: 'adult',
        consents: [{ purpose: 'promotion', channel: 'wechat', version: 'promo-1' }],
        phoneCode: expect.any(String),
        page: 'pages/join/index',
      },
    ]);
    expect(await text('#card-level')).toBe('银卡会员');
    expect(await text('#card-hint')).toBe('再积累 720 成长值升级为金卡会员');
    expect([await text('#points'), await text('#pending'), await text('#vouchers')]).toEqual(['1,860', '299', '1']);
  });

  it('checks in once a day', async () => {
    expect(await text('#streak')).toBe('已连续签到 3 天');
    await phone.tap('#checkin');
    await shows('已连续签到 4 天');
    expect([await text('#checkin'), await text('#points')]).toEqual(['已签到', '1,865']);
    await phone.tap('#checkin');
    expect(bodies('/checkin')).toHaveLength(1);
    await phone.page.locator('#mp-toast').waitFor({ state: 'detached' });
    await shot('home');
  });

  it('shows points: pending apart, what expires when, and more on reaching the end', async () => {
    await phone.tap('#to-points');
    await phone.at('#balance').waitFor();
    expect(await text('#balance')).toBe('1,865');
    expect(await text('#balance-pending')).toContain('299');
    expect(await text('#expiring')).toMatch(/320[\s\S]*还有 12 天[\s\S]*1,540/);
    await shot('points');
    const entries = phone.page.locator('#entries .entry');
    expect(await entries.count()).toBe(15);
    expect(await entries.first().innerText()).toMatch(/订单积分\s*待入账[\s\S]*\+299/);
    await phone.page.locator('wx-page:visible').evaluate((page) => page.scrollTo(0, page.scrollHeight));
    await until(async () => expect(await entries.count()).toBe(30));
    expect(shop.member.asked.at(-1)?.query.get('cursor')).toBe('15');
    await phone.tap('.mp-back');
    await phone.at('#card').waitFor();
  });

  it('refreshes when the page is pulled down', async () => {
    shop.member.me.points.available = 2000;
    await phone.pullDown();
    await until(async () => expect(await text('#points')).toBe('2,000'));
    await phone.page.locator('.mp-refresh').waitFor({ state: 'detached' });
  });

  it('claims a voucher and asks whether to remind of its end', async () => {
    await phone.tap('[class*="--claim"]');
    await phone.at('#claimed').waitFor();
    await shot('claimed');
    expect(bodies('/offers/claim')).toEqual([{ couponId: 'a'.repeat(24), requestKey: expect.any(String) }]);
    await phone.tap('#remind');
    await phone.tap('#mp-notices-accept');
    await until(() => expect(shop.member.reported).toHaveLength(1));
    expect(shop.member.reported[0]?.answers).toEqual([{ templateId: 'tpl-voucher', answer: 'accept' }]);
    await shows('已领取');
  });

  it('claims once when the answer is lost and the person taps again', async () => {
    const [offer] = shop.member.offers;
    if (offer) offer.refusal = null;
    await visit('vouchers');
    shop.member.refuseNext.set('/offers/claim', problem(503, 'internal'));
    await phone.tap('[class*="--claim"]');
    await shows('服务暂时开了小差');
    await phone.tap('[class*="--claim"]');
    await phone.at('#claimed').waitFor();
    const keys = bodies('/offers/claim').map((body) => (body as { requestKey: string }).requestKey);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    await phone.tap('#claimed-close');
  });

  it('shows a voucher large for the counter, and used and expired ones apart', async () => {
    const before = await phone.page.locator('#vouchers wx-ticket').count();
    expect(before).toBe(3);
    await shot('vouchers');
    await phone.page.locator('.use').last().tap();
    expect(await text('#voucher-code')).toBe('HK7Q M2ZD 84KT');
    await shot('voucher');
    await phone.tap('#copy');
    await shows('内容已复制');
    await phone.tap('#voucher-close');
    await phone.tap('#tab-used');
    await shows('周年庆满减券');
    expect(await phone.page.locator('.use:visible').count()).toBe(0);
    await phone.tap('#tab-expired');
    await shows('春季上新券');
  });

  it('shows orders with their parcels, asks for the dispatch notice, and takes the order along to the contact service', async () => {
    await phone.tap('.mp-tab[data-path="pages/orders/index"]');
    const order = phone.at('#order-D20261120001');
    await order.waitFor();
    expect(await order.innerText()).toMatch(
      /已发货[\s\S]*运输中[\s\S]*SF1468022735510[\s\S]*¥299.00[\s\S]*299 积分，\S+ 起可用/,
    );
    await shot('orders');
    await phone.tap('#notify');
    await phone.page.getByText('订单发货提醒').waitFor();
    await phone.tap('#mp-notices-reject');
    await until(() =>
      expect(shop.member.reported.at(-1)?.answers).toEqual([{ templateId: 'tpl-dispatch', answer: 'reject' }]),
    );
    await order.getByText('问客服').tap();
    await until(() =>
      expect(shop.platform.at(-1)).toEqual({
        path: '/contact',
        body: { openid: 'o-lin', appId: 'wx-mini', sessionFrom: 'orders:D20261120001' },
      }),
    );
  });

  it('withdraws a consent by its switch, and turns the switch back when that failed', async () => {
    await visit('privacy');
    const box = phone.at('#switch-promotion').locator('input');
    expect(await box.isChecked()).toBe(true);
    await shot('privacy');
    await box.tap();
    await shows('已关闭，一分钟内生效');
    expect(bodies('/privacy')).toEqual([
      { purpose: 'promotion', channel: 'wechat', given: false, version: 'promo-1', page: 'pages/privacy/index' },
    ]);
    expect(shop.member.me.privacy.promotion).toBe(false);
    shop.member.refuseNext.set('/privacy', problem(500, 'internal'));
    await phone.at('#switch-care').locator('input').tap();
    await shows('服务暂时开了小差');
    await until(async () => expect(await phone.at('#switch-care').locator('input').isChecked()).toBe(false));
  });

  it('changes the profile', async () => {
    await visit('profile');
    await phone.tap('#gender');
    await phone.page.locator('#mp-picker').getByText('女').tap();
    await shows('已保存');
    await phone.tap('#region');
    await phone.page.locator('#mp-picker').getByText('浙江省').tap();
    await until(async () => expect(await text('#region-word')).toBe('浙江省 杭州市'));
    await phone.at('#name input').fill('小满');
    await phone.at('#name input').blur();
    await until(() => expect(shop.member.me.name).toBe('小满'));
    await shot('profile');
    expect(bodies('/me').filter(Boolean)).toEqual([
      { gender: 'female' },
      { province: '浙江省', city: '杭州市' },
      { name: '小满' },
    ]);
  });

  it('shows the counter code and changes it before it ends', async () => {
    await visit('code');
    await phone.at('#code-digits').waitFor();
    expect(await text('#code-digits')).toBe('286014 953708 264471');
    const width = await phone.page.evaluate(`document.querySelector('#code-picture img').naturalWidth`);
    expect(width).toBeGreaterThan(200);
    await shot('code');
    const asked = (): number => paths().filter((path) => path === 'GET /me').length;
    await phone.page.clock.install();
    await visit('code');
    await phone.at('#code-digits').waitFor();
    const before = asked();
    await phone.page.clock.runFor(285_000);
    expect(asked()).toBe(before);
    await phone.page.clock.runFor(10_000);
    await until(() => expect(asked()).toBe(before + 1));
  });

  it('marks what is new until it was shown, and tells why each message came', async () => {
    shop.member.me.privacy.promotion = true;
    await visit('mine');
    await phone.at('#unread').waitFor();
    await phone.tap('#way-messages');
    await phone.at('#message-m1 .dot').waitFor();
    const messages = phone.page.locator('.message:visible');
    expect(await phone.page.locator('.message .dot:visible').count()).toBe(1);
    const tags = [await text('#message-m1 .tag'), await text('#message-m2 .tag'), await text('#message-m3 .tag')];
    expect(tags).toEqual(['通知', '优惠', '关怀']);
    expect(bodies('/messages/read')).toEqual([{ until: shop.member.messages[0]?.at }]);
    await shot('messages');
    expect(await messages.count()).toBe(15);
    await phone.page.locator('wx-page:visible').evaluate((page) => page.scrollTo(0, page.scrollHeight));
    await until(async () => expect(await messages.count()).toBe(20));
    await phone.tap('.mp-back');
    await phone.at('#way-messages').waitFor();
    await until(async () => expect(await phone.page.locator('#unread:visible').count()).toBe(0));
  });

  it('refuses promotions by one tap, where they are read', async () => {
    await visit('messages');
    await phone.at('#refuse').waitFor();
    shop.member.refuseNext.set('/privacy', problem(500, 'internal'));
    await phone.tap('#refuse');
    await shows('服务暂时开了小差');
    expect(shop.member.me.privacy.promotion).toBe(true);
    await phone.tap('#refuse');
    await phone.at('#refused').waitFor();
    expect(shop.member.me.privacy.promotion).toBe(false);
    expect(bodies('/privacy').at(-1)).toEqual({
      ...{ purpose: 'promotion', channel: 'wechat', given: false, version: 'promo-1', page: 'pages/messages/index' },
    });
    await visit('messages');
    await phone.at('#refused').waitFor();
    await phone.tap('#to-privacy');
    await phone.at('#switch-promotion').waitFor();
  });

  it('a promotion opens its voucher', async () => {
    await visit('messages');
    await phone.tap('#message-m2 .link');
    await shows('新客礼券');
  });

  it('opens what a message is about', async () => {
    await visit('messages');
    await shows('升级为银卡会员');
    await phone.tap('#message-m1 .link');
    await phone.at('#level-v3').waitFor();
    await shot('levels');
    await phone.tap('#notify-level');
    await phone.tap('#mp-notices-accept');
    await until(() => expect(shop.member.reported.at(-1)?.answers[0]?.templateId).toBe('tpl-level'));
    await phone.tap('[aria-label="返回"]');
    await phone.tap('[aria-label="回到首页"]');
    await phone.at('#card').waitFor();
  });

  it('signs in once again, unseen, when the session has ended', async () => {
    shop.member.endSessions();
    shop.member.asked.length = 0;
    await visit('home');
    await phone.at('#card').waitFor();
    expect(paths().filter((path) => path === 'POST /login')).toHaveLength(1);
  });

  it('tells the server which code opened it, though there is a session', async () => {
    await phone.open(`${shop.url}#/pages/home/index?scene=${encodeURIComponent('door=7')}`);
    await phone.at('#card').waitFor();
    expect(bodies('/login')).toEqual([{ code: expect.any(String), scene: 'door=7' }]);
  });

  it('says so when the server or the network fails, and tries again', async () => {
    shop.member.refuseNext.set('/me', problem(503, 'internal'));
    await visit('mine');
    await shows('服务暂时开了小差');
    await shot('failed');
    await phone.tap('#retry');
    await phone.at('#mine-name').waitFor();
    await shot('mine');
    await phone.page.context().setOffline(true);
    await phone.tap('#way-points');
    await shows('网络好像断开了');
    await phone.page.context().setOffline(false);
    await phone.tap('#retry');
    await phone.at('#balance').waitFor();
  });

  it('inside the phone leaves the top right to it and hands the contact service over', async () => {
    const { page } = phone;
    await page.goto(new URL('/phone/wx/app', shop.url).href);
    await page.evaluate(`
      window.heard = [];
      addEventListener('message', (event) => heard.push(event.data));
      const frame = Object.assign(document.createElement('iframe'), { width: 375, height: 700 });
      frame.src = ${JSON.stringify(shop.url)} + '&embedded=1#/pages/mine/index';
      document.body.append(frame);
    `);
    const frame = page.frameLocator('iframe');
    await frame.locator('#contact').tap();
    const heard = (): Promise<unknown> => page.evaluate('heard');
    await until(async () => expect(await heard()).toContainEqual({ huike: 'contact', openid: 'o-lin' }));
    expect(await heard()).toContainEqual({ huike: 'title', title: '我的' });
    expect(await frame.locator('.mp-capsule').count()).toBe(0);
  });

  it('asks who holds the phone when it was opened without saying so', async () => {
    await phone.open(shop.url.replace(/\?.*/, ''));
    await phone.page.getByText('林小满').tap();
    await phone.at('#card').waitFor();
    expect(phone.page.url()).toContain('openid=o-lin');
  });

  it('had no fault on any page, and nothing that its security policy refused', () => {
    expect(phone.faults).toEqual([]);
  });
});
