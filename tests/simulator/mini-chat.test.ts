import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decrypt } from '../../simulator/crypto.js';
import { account, hour, mini, minute, second } from './lab.js';
import { startMiniLab, type MiniLab } from './mini-lab.js';

let lab: MiniLab;
beforeAll(async () => {
  lab = await startMiniLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.again());

const path = '/cgi-bin/message/custom/send';
const message = (msgtype: string, part: unknown, touser = 'm-1') =>
  lab.miniCode(path, { touser, msgtype, [msgtype]: part });
const text = (touser?: string) => message('text', { content: 'hello' }, touser);
const spend = async (times: number) => {
  const codes = [];
  for (let sent = 0; sent < times; sent += 1) codes.push(await text());
  return codes;
};

async function picture(): Promise<string> {
  const form = new FormData();
  form.set('media', new File([new Uint8Array([1, 2, 3])], 'a.png', { type: 'image/png' }));
  const token = await lab.getToken(mini);
  const url = `${lab.simulator.apiBase}/cgi-bin/media/upload?type=image&access_token=${token}`;
  const answer = await lab.send(url, { method: 'POST', body: form });
  await lab.renewMiniToken();
  return String(answer.body['media_id']);
}

describe('customer chat (docs/wechat.md 2.5, 3.5)', () => {
  it('entering pushes the context of the page and opens two messages for one minute', async () => {
    expect(await text()).toBe(45015);
    expect(await lab.act('enter', { from: 'order=A1' })).toMatchObject({ pushed: true });
    expect(lab.pushed()).toMatchObject({
      ToUserName: 'gh_mini',
      FromUserName: 'm-1',
      MsgType: 'event',
      Event: 'user_enter_tempsession',
      SessionFrom: 'order=A1',
    });
    expect(await spend(3)).toEqual([0, 0, 45047]);
    await lab.advance(minute);
    expect(await text()).toBe(45015);
  });

  it('a message opens five for 48 hours, and a repeat resets them', async () => {
    await lab.act('say', { type: 'text', content: '在吗' });
    expect(await spend(6)).toEqual([0, 0, 0, 0, 0, 45047]);
    await lab.act('say', { type: 'text', content: '?' });
    await lab.advance(48 * hour - second);
    await lab.renewMiniToken();
    expect(await text()).toBe(0);
    await lab.advance(second);
    expect(await text()).toBe(45015);
  });

  it('the short credit goes first', async () => {
    await lab.act('say', { type: 'text', content: '在吗' });
    await lab.act('enter');
    expect(await spend(2)).toEqual([0, 0]);
    await lab.advance(minute);
    expect(await spend(6)).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  it('credits of the official account are its own', async () => {
    await lab.post('/people/o-1/follow');
    expect(await text()).toBe(45015);
    expect([await text('o-1'), await text('nobody')]).toEqual([40003, 40003]);
    await lab.act('enter');
    await lab.act('block', { on: true });
    expect(await text()).toBe(48002);
  });

  it('any openid of the person enters the chat of the mini-program', async () => {
    await lab.post('/people/o-1/enter', { from: 'card' });
    expect(lab.pushed()).toMatchObject({ FromUserName: 'm-1', SessionFrom: 'card' });
    expect(await text()).toBe(0);
  });
});

describe('types of customer messages (docs/wechat.md 3.5)', () => {
  beforeEach(async () => void (await lab.act('say', { type: 'text', content: '在吗' })));

  it('text, image, link and a card of a page', async () => {
    const media_id = await picture();
    expect(await text()).toBe(0);
    expect(await message('image', { media_id })).toBe(0);
    expect(await message('link', { title: 'T', description: 'D', url: 'https://shop.example', thumb_url: '' })).toBe(0);
    const card = { title: '我的订单', pagepath: 'pages/orders/detail?no=1', thumb_media_id: media_id };
    expect(await message('miniprogrampage', card)).toBe(0);
    expect(await message('miniprogrampage', { ...card, pagepath: 'pages/none' })).toBe(41030);
    expect(await message('miniprogrampage', { ...card, thumb_media_id: 'none' })).toBe(40007);
    const shown = await lab.shown('m-1');
    expect(shown.map((each) => [each['route'], each['msgtype'], each['accountId']])).toEqual(
      ['text', 'image', 'link', 'miniprogrampage'].map((type) => ['customer', type, mini.appId]),
    );
  });

  it('nothing that only an official account has', async () => {
    for (const type of ['news', 'voice', 'msgmenu', 'music', 'toString']) expect(await message(type, {})).toBe(40008);
    expect(await message('text', { content: ' ' })).toBe(44004);
    expect(await message('text', { content: '很'.repeat(700) })).toBe(45002);
  });

  it('what people can send: text, image and a card', async () => {
    await lab.act('say', { type: 'image' });
    const image = lab.pushed();
    expect([image['MsgType'], typeof image['PicUrl'], typeof image['MediaId']]).toEqual(['image', 'string', 'string']);
    expect((await lab.miniApi(`/cgi-bin/media/get?media_id=none`)).body['errcode']).toBe(40007);
    await lab.act('say', { type: 'miniprogrampage', title: '羊毛衫', pagePath: 'pages/card/index?sku=1' });
    expect(lab.pushed()).toMatchObject({
      MsgType: 'miniprogrampage',
      Title: '羊毛衫',
      AppId: mini.appId,
      PagePath: 'pages/card/index?sku=1',
    });
    const voice = await lab.post('/people/m-1/say', { type: 'voice' });
    expect(voice).toMatchObject({ status: 409, body: { code: 'type.unsupported' } });
    expect((await lab.post('/people/m-1/follow')).body['code']).toBe('not.followable');
    expect((await lab.post('/people/o-1/say', { type: 'miniprogrampage', title: 'x', pagePath: 'p' })).status).toBe(
      409,
    );
  });
});

describe('answers of the server (docs/wechat.md 3.5)', () => {
  const notices = async () =>
    ((await lab.control('GET', '/people/m-1/chat')).body as unknown as { from: string }[]).filter(
      (each) => each.from === 'notice',
    ).length;
  const answer = (fields: Record<string, string>) => {
    const common = { ToUserName: 'm-1', FromUserName: 'gh_mini', CreateTime: '1' };
    lab.reply = (_received, response) => void response.end(JSON.stringify({ ...common, ...fields }));
  };

  it('a mini-program has no passive replies: the person sees that something is wrong', async () => {
    answer({ MsgType: 'text', Content: 'hi' });
    await lab.act('say', { type: 'text', content: '在吗' });
    expect([(await lab.shown('m-1')).length, await notices()]).toEqual([0, 1]);
  });

  it('handing over to a human console is accepted', async () => {
    answer({ MsgType: 'transfer_customer_service' });
    await lab.act('say', { type: 'text', content: '在吗' });
    expect([(await lab.shown('m-1')).length, await notices()]).toEqual([0, 0]);
  });

  it('a message id in JSON is a bare number of 64 bits, and safe mode hides all but the receiver', async () => {
    await lab.act('say', { type: 'text', content: 'hi', msgId: '24695332301230001' });
    expect(lab.received.at(-1)?.body).toContain('"MsgId":24695332301230001');
    await lab.again({ mode: 'safe', encodingAesKey: account.encodingAesKey });
    await lab.act('say', { type: 'text', content: 'hi' });
    const sealed = lab.pushed();
    expect(Object.keys(sealed)).toEqual(['ToUserName', 'Encrypt']);
    const opened = decrypt({
      encodingAesKey: account.encodingAesKey,
      receiveId: mini.appId,
      encrypted: String(sealed['Encrypt']),
    });
    expect(opened.ok && (JSON.parse(opened.text) as Record<string, unknown>)['Content']).toBe('hi');
  });
});

describe('registering a mini-program', () => {
  it.each([
    [{ token: undefined }, 'token'],
    [{ mode: 'safe' }, 'encodingAesKey'],
    [{ pages: ['/pages/card/index'] }, 'pages.0'],
    [{ templates: [{ templateId: 't', title: 'x', fields: { 'Thing 1': 'x' } }] }, 'templates.0.fields.Thing 1'],
    [{ menu: [] }, ''],
    [{ kind: 'mini-game' }, 'kind'],
  ])('refuses %j', async (extra, at) => {
    const { status, body } = await lab.post('/accounts', { ...mini, callbackUrl: lab.callbackUrl, ...extra });
    expect([status, (body['errors'] as { path: string }[]).map((each) => each.path)]).toEqual([400, [at]]);
  });

  it('is described without its secrets', async () => {
    const { body } = await lab.control('GET', `/accounts/${mini.appId}`);
    expect(body).toMatchObject({ kind: 'mini-program', pages: mini.pages, previewUrl: '/m/' });
    expect(JSON.stringify(body)).not.toContain(mini.secret);
  });
});
