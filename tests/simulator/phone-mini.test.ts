import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { describeWithBrowser, openBrowser } from '../helpers/browser.js';
import { mini } from './lab.js';
import { startMiniLab, type MiniLab } from './mini-lab.js';

/** What stands for the mini-program: it shows its address and tells the phone what its buttons say. */
const preview = `<!doctype html><meta charset="utf-8"><title>m</title><p id="at"></p>
<button id="contact">客服</button><button id="close">关</button><p id="heard"></p><script>
  const { searchParams, hash } = new URL(location.href);
  document.getElementById('at').textContent = searchParams.get('openid') + ' ' + searchParams.get('appid') + ' ' + hash;
  addEventListener('message', (event) => (document.getElementById('heard').textContent += event.data.huike + ' '));
  const openid = searchParams.get('openid');
  document.getElementById('close').onclick = () => parent.postMessage({ huike: 'close' }, location.origin);
  document.getElementById('contact').onclick = async () => {
    const body = JSON.stringify({ openid, sessionFrom: 'order=A1' });
    const headers = { 'content-type': 'application/json' };
    const answer = await (await fetch('/phone/wx/contact', { method: 'POST', headers, body })).json();
    parent.postMessage({ huike: 'contact', openid: answer.openid }, location.origin);
  };
</script>`;

describeWithBrowser('the mini-program on the simulated phone', () => {
  let lab: MiniLab;
  let browser: BrowserContext;
  let page: Page;
  const problems: string[] = [];
  const frame = () => page.frameLocator('[data-testid="phone-mini-frame"]');
  const tab = (name: string) => page.getByTestId(`phone-tab-${name}`);
  const cards = () => page.getByTestId('phone-card');

  beforeAll(async () => {
    lab = await startMiniLab();
    browser = await openBrowser({ width: 1180, height: 900 });
    page = await browser.newPage();
    await page.addInitScript({ content: 'sessionStorage.clear()' });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.route('**/m/**', (route) => route.fulfill({ contentType: 'text/html', body: preview }));
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await lab.stop();
  });
  beforeEach(async () => {
    problems.splice(0);
    await lab.again();
    await lab.post('/people/o-1/follow');
    await page.goto(lab.simulator.phoneUrl);
    await page.getByTestId('phone-person-Ann').click();
  }, 30_000);

  it('opens from the tile as this person, and closes by the capsule', async () => {
    await page.getByTestId(`phone-mini-${mini.appId}`).click();
    expect(await frame().locator('#at').textContent()).toBe(`m-1 ${mini.appId} `);
    expect(await page.getByTestId('phone-input').isVisible()).toBe(false);
    await page.getByTestId('phone-mini-close').click();
    expect(await page.getByTestId('phone-mini-frame').count()).toBe(0);
    expect(await page.getByTestId('phone-input').isVisible()).toBe(true);
    await page.getByTestId(`phone-mini-${mini.appId}`).click();
    await frame().locator('#close').click();
    await page.getByTestId('phone-mini-frame').waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  }, 30_000);

  it('shows notices with the words of their template, and a tap opens their page', async () => {
    await lab.act('grant', { templateId: 't-once', accept: true });
    const data = { thing1: { value: '羊毛衫' }, character_string2: { value: 'SF123' } };
    const notice = { touser: 'm-1', template_id: 't-once', page: 'pages/orders/detail?no=1', data };
    expect(await lab.miniCode('/cgi-bin/message/subscribe/send', notice)).toBe(0);
    await tab('服务通知').locator('.badge').waitFor();
    await tab('服务通知').click();
    const card = await cards().textContent();
    for (const words of ['实验小程序', '发货通知', '商品', '羊毛衫', '单号', 'SF123']) expect(card).toContain(words);
    expect(await page.getByTestId('phone-input').isVisible()).toBe(false);
    await page.waitForFunction(`document.querySelector('.badge') === null`);
    await cards().click();
    expect(await frame().locator('#at').textContent()).toBe(`m-1 ${mini.appId} #/pages/orders/detail?no=1`);
    expect(problems).toEqual([]);
  }, 30_000);

  it('template messages of the official account stay in its chat and open the page too', async () => {
    const template = {
      touser: 'o-1',
      template_id: 'any',
      miniprogram: { appid: mini.appId, pagepath: 'pages/card/index' },
      data: { keyword1: { value: '金卡' } },
    };
    expect(await lab.code('/cgi-bin/message/template/send', template)).toBe(0);
    await cards().filter({ hasText: '金卡' }).click();
    expect(await frame().locator('#at').textContent()).toContain('#/pages/card/index');
    expect(await tab('服务通知').count()).toBe(0);
    expect(problems).toEqual([]);
  }, 30_000);

  it('a link in a text opens the page', async () => {
    await lab.post('/people/o-1/say', { type: 'text', content: '会员卡' });
    const link = `<a href="https://shop.example" data-miniprogram-appid="${mini.appId}" data-miniprogram-path="pages/card/index?x=1">会员卡</a>`;
    expect(await lab.text('o-1', `请看 ${link} <b>谢谢</b>`)).toBe(0);
    const answer = page.getByTestId('phone-message').filter({ hasText: '请看' });
    expect(await answer.textContent()).toContain('请看 会员卡 <b>谢谢</b>');
    await page.getByTestId('phone-link').click();
    expect(await frame().locator('#at').textContent()).toContain('#/pages/card/index?x=1');
    expect(problems).toEqual([]);
  }, 30_000);

  it('the contact button leads to the chat, and the page is still there after', async () => {
    await page.getByTestId(`phone-mini-${mini.appId}`).click();
    await frame().locator('#contact').click();
    await page.getByTestId('phone-input').fill('衣服什么时候到');
    await page.getByTestId('phone-send').click();
    await page.getByTestId('phone-message').filter({ hasText: '衣服什么时候到' }).waitFor();
    expect(await page.getByTestId('phone-title').textContent()).toContain('小程序客服消息');
    expect(lab.events().map((each) => each['Event'] ?? each['Content'])).toEqual(
      expect.arrayContaining(['user_enter_tempsession', '衣服什么时候到']),
    );
    const text = { touser: 'm-1', msgtype: 'text', text: { content: '明天到' } };
    expect(await lab.miniCode('/cgi-bin/message/custom/send', text)).toBe(0);
    await page.getByTestId('phone-message').filter({ hasText: '明天到' }).waitFor();
    await page.getByTestId(`phone-mini-${mini.appId}`).click();
    await frame().locator('#heard').filter({ hasText: 'hide show' }).waitFor();
    expect(problems).toEqual([]);
  }, 30_000);

  it('hears only its own frame', async () => {
    await page.getByTestId(`phone-mini-${mini.appId}`).click();
    await frame().locator('#at').waitFor();
    await page.evaluate(`window.postMessage({ huike: 'close' }, location.origin)`);
    await page.waitForTimeout(100);
    expect(await page.getByTestId('phone-mini-frame').count()).toBe(1);
  }, 30_000);
});
