import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { valueFault } from '../../simulator/notice-values.js';
import { account, field, mini, until } from './lab.js';
import { startMiniLab, type MiniLab } from './mini-lab.js';

let lab: MiniLab;
beforeAll(async () => {
  lab = await startMiniLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.again());

const data = { thing1: { value: '羊毛衫' }, character_string2: { value: 'SF123' } };
const notice = (extra: Record<string, unknown> = {}) => ({
  touser: 'm-1',
  template_id: 't-once',
  page: 'pages/orders/detail?no=1',
  miniprogram_state: 'formal',
  lang: 'zh_CN',
  data,
  ...extra,
});
const path = '/cgi-bin/message/subscribe/send';
const send = (extra: Record<string, unknown> = {}) => lab.miniCode(path, notice(extra));
const accept = (templateId = 't-once', more: Record<string, unknown> = {}) =>
  lab.act('grant', { templateId, accept: true, ...more });

describe('consent (docs/wechat.md 3.4)', () => {
  it('one accept is one notice; none is 43101', async () => {
    expect(await send()).toBe(43101);
    expect(await accept()).toMatchObject({ result: 'accept', pushed: true });
    expect([await send(), await send()]).toEqual([0, 43101]);
    await accept();
    await accept();
    expect([await send(), await send(), await send()]).toEqual([0, 0, 43101]);
    const shown = await lab.shown('m-1');
    expect(shown).toHaveLength(3);
    const { page, template_id } = notice();
    expect(shown[0]).toMatchObject({
      route: 'notice',
      accountId: mini.appId,
      content: { template_id, page, data },
    });
  });

  it('a refusal gives none, and takes none that is there', async () => {
    expect(await lab.act('grant', { templateId: 't-once', accept: false })).toMatchObject({ result: 'reject' });
    expect(await send()).toBe(43101);
    await accept();
    await lab.act('grant', { templateId: 't-once', accept: false });
    expect(await send()).toBe(0);
  });

  it('what is refused costs no consent', async () => {
    await accept();
    expect(await send({ data: { thing1: { value: '羊毛衫' } } })).toBe(47003);
    expect(await send({ page: 'pages/none' })).toBe(41030);
    expect(await send()).toBe(0);
  });

  it('a long-term template keeps its consent', async () => {
    const long = { template_id: 't-long', data: { number1: { value: '120' } } };
    expect(await send(long)).toBe(43101);
    await accept('t-long');
    expect([await send(long), await send(long)]).toEqual([0, 0]);
  });

  it('is of one person, one template and one account', async () => {
    await lab.post('/people', { name: 'Bob', openids: { [mini.appId]: 'm-2' } });
    await accept();
    expect(await send({ touser: 'm-2' })).toBe(43101);
    expect(await send({ template_id: 't-long', data: { number1: { value: 1 } } })).toBe(43101);
    expect(await send({ touser: 'o-1' })).toBe(40003);
    expect(await send({ touser: 'nobody' })).toBe(40003);
  });

  it('the settings take every consent and answer from then on, until they are changed back', async () => {
    await accept();
    const off = await lab.act('notice-settings', { templateId: 't-once', accept: false });
    expect(off).toMatchObject({ pushed: true });
    expect(lab.pushed()).toMatchObject({
      Event: 'subscribe_msg_change_event',
      List: { TemplateId: 't-once', SubscribeStatusString: 'reject' },
    });
    const before = lab.received.length;
    expect([await send(), await accept()]).toMatchObject([43101, { result: 'reject', pushed: false }]);
    expect(await lab.act('notice-settings', { templateId: 't-once', accept: true })).toMatchObject({ pushed: false });
    expect(lab.received).toHaveLength(before);
    await accept();
    expect(await send()).toBe(0);
  });

  it('somebody who blocks the account gets nothing', async () => {
    await accept();
    await lab.act('block', { on: true });
    expect(await send()).toBe(43101);
    await lab.act('block', { on: false });
    expect(await send()).toBe(0);
  });

  it('an unknown template is 40037, and cannot be asked for', async () => {
    expect(await send({ template_id: 't-none' })).toBe(40037);
    expect((await lab.post('/people/m-1/grant', { templateId: 't-none', accept: true })).status).toBe(404);
    expect((await lab.post('/people/m-1/grant', { accept: 'yes' })).status).toBe(400);
  });
});

describe('what a notice may hold (docs/wechat.md 3.4)', () => {
  it('names the field that is wrong or missing', async () => {
    const refusal = async (given: Record<string, unknown>) =>
      String((await lab.miniApi(path, notice({ data: given }))).body['errmsg']);
    expect(await refusal({ ...data, thing1: { value: '很'.repeat(21) } })).toMatch(
      /^argument invalid! data\.thing1\.value invalid/,
    );
    expect(await refusal({ thing1: data.thing1 })).toMatch(
      /^argument invalid! data\.character_string2\.value is empty/,
    );
    expect(await refusal({})).toMatch(/^argument invalid! data\.thing1\.value is empty/);
  });

  it('without registered templates and pages takes any id, by the keys alone', async () => {
    await lab.again({ templates: undefined, pages: undefined });
    await accept('t-any');
    expect(await send({ template_id: 't-any', data: {} })).toBe(47003);
    expect(await send({ template_id: 't-any', data: { thing9: { value: 'x'.repeat(21) } } })).toBe(47003);
    expect(await send({ template_id: 't-any', page: 'pages/any', data: { thing9: { value: 'x' } } })).toBe(0);
  });

  it.each([
    ['thing1', '很'.repeat(20), '很'.repeat(21)],
    ['thing1', '👍'.repeat(20), '👍'.repeat(21)],
    ['number2', `${'9'.repeat(29)}.50`, '9'.repeat(33)],
    ['number2', 120, '120元'],
    ['letter3', 'A'.repeat(32), 'A1'],
    ['symbol4', '！？', 'a!'],
    ['character_string5', 'SF-1234567890', '单号1'],
    ['time6', '2026年11月22日 15:01', '明天'],
    ['time6', '15:01', '2026年11月22日'],
    ['date7', '2026年11月22日~2026年11月30日', '十一月'],
    ['date7', '2026-11-22 15:01', '15:01'],
    ['amount8', '¥1234.50元', '12345678901'],
    ['amount8', '99', '约九十'],
    ['phone_number9', '+86-0766-66888866', '1'.repeat(18)],
    ['car_number10', '粤A8Z888挂', '粤A8Z888挂挂'],
    ['name11', '欧阳'.repeat(5), '欧阳'.repeat(6)],
    ['name11', 'Ann Lee', 'x'.repeat(21)],
    ['phrase12', '已发货', '已经发货了吧'],
  ])('%s: %j, but not %j', (key, good, bad) => {
    expect([valueFault(key, good), valueFault(key, bad)]).toEqual([undefined, 'invalid']);
  });

  it('empty is empty, an unknown type invalid', () => {
    for (const value of [undefined, null, '', '  ']) expect(valueFault('thing1', value)).toBe('empty');
    expect([valueFault('colour1', 'red'), valueFault('thing1', {})]).toEqual(['invalid', 'invalid']);
  });
});

describe('events of notices (docs/wechat.md 1.5)', () => {
  const openid = 'm-1';

  it('JSON: no wrapper, one entry an object, several an array, texts for numbers', async () => {
    await accept();
    expect(lab.pushed()).toMatchObject({
      ToUserName: 'gh_mini',
      FromUserName: openid,
      Event: 'subscribe_msg_popup_event',
      List: { TemplateId: 't-once', SubscribeStatusString: 'accept', PopupScene: '0' },
    });
    expect(lab.pushed()['CreateTime']).toMatch(/^\d{10}$/);
    expect(lab.pushed()).not.toHaveProperty('SubscribeMsgPopupEvent');
    const answers = [
      { templateId: 't-once', accept: true },
      { templateId: 't-long', accept: false },
    ];
    await fetch(`${lab.simulator.phoneUrl}wx/subscribe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ openid, answers }),
    });
    const both = [{ SubscribeStatusString: 'accept' }, { SubscribeStatusString: 'reject' }];
    expect(lab.pushed()['List']).toMatchObject(both);
  });

  it('XML: the wrapper with a List element for each', async () => {
    await lab.again({ dataFormat: 'xml' });
    await accept();
    const body = lab.received.at(-1)?.body ?? '';
    const list = field(body, 'SubscribeMsgPopupEvent') ?? '';
    expect(list).toMatch(/^<List><TemplateId>.*<\/List>$/);
    expect([field(list, 'TemplateId'), field(list, 'PopupScene')]).toEqual(['t-once', '0']);
    expect(field(body, 'CreateTime')).toMatch(/^\d{10}$/);
  });

  it('the outcome of a send is pushed afterwards with its msgid', async () => {
    await accept();
    const { body } = await lab.miniApi(path, notice());
    await until(() => lab.pushed()['Event'] === 'subscribe_msg_sent_event');
    expect(lab.pushed()['List']).toEqual({
      TemplateId: 't-once',
      MsgID: String(body['msgid']),
      ErrorCode: '0',
      ErrorStatus: 'success',
    });
  });

  it('nothing is pushed without a callback address', async () => {
    await lab.again({ callbackUrl: undefined });
    expect(await accept()).toMatchObject({ result: 'accept', pushed: false });
    expect([await send(), lab.received.length]).toEqual([0, 0]);
  });
});

describe('notices and templates of the official account (docs/wechat.md 2.6, 2.7)', () => {
  const templates = [
    { templateId: 'oa-once', kind: 'one-time', title: '到货提醒', fields: { thing1: '商品' } },
    { templateId: 'oa-order', title: '订单通知', fields: { keyword1: '单号', keyword2: '金额' } },
  ];
  const biz = { touser: 'o-1', template_id: 'oa-once', data: { thing1: { value: '羊毛衫' } } };
  const bizCode = (extra: Record<string, unknown> = {}) =>
    lab.code('/cgi-bin/message/subscribe/bizsend', { ...biz, ...extra });
  beforeEach(async () => void (await lab.register({ templates })));

  it('bizsend takes one consent a send', async () => {
    expect(await bizCode()).toBe(43101);
    const { body } = await lab.post('/people/o-1/grant', { templateId: 'oa-once', accept: true });
    expect(body).toMatchObject({ result: 'accept', pushed: true });
    expect(field(lab.received.at(-1)?.body ?? '', 'PopupScene')).toBe('1');
    expect(await bizCode({ miniprogram: { appid: mini.appId, pagepath: 'pages/none' } })).toBe(41030);
    expect([await bizCode(), await bizCode()]).toEqual([0, 43101]);
    expect(await lab.shown('o-1')).toMatchObject([{ route: 'notice', accountId: account.appId }]);
    expect([await bizCode({ template_id: 'oa-order' }), await bizCode({ touser: 'm-1' })]).toEqual([40037, 40003]);
  });

  it('the account is named, or found by the template', async () => {
    await lab.post('/people/m-1/grant', { templateId: 'oa-once', accept: true, appId: account.appId });
    expect(await bizCode()).toBe(0);
    expect((await lab.post('/people/o-1/grant', { templateId: 't-once', accept: true })).body['result']).toBe('accept');
    expect(await send()).toBe(0);
  });

  it('a registered template message wants all its fields', async () => {
    await lab.post('/people/o-1/follow');
    const template = (extra: Record<string, unknown>) =>
      lab.code('/cgi-bin/message/template/send', { touser: 'o-1', template_id: 'oa-order', ...extra });
    const keyword1 = { value: 'A1' };
    expect(await template({ data: { keyword1 } })).toBe(47003);
    expect(await template({ template_id: 'oa-once', data: { thing1: keyword1 } })).toBe(40037);
    const whole = { keyword1, keyword2: { value: '9.90' } };
    expect(await template({ data: whole, miniprogram: { appid: mini.appId, pagepath: 'pages/none' } })).toBe(40165);
    expect(await template({ data: whole })).toBe(0);
  });
});
