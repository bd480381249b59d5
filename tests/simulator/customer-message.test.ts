import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { day, hour, minute, second, startLab, type Lab } from './lab.js';

let lab: Lab;
let openid = '';
let people = 0;
beforeAll(async () => {
  lab = await startLab();
  await lab.register();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  await lab.post('/reset');
  await lab.renewToken();
  openid = `o-${String((people += 1))}`;
  await lab.person(openid);
  await lab.advance(2 * minute);
});

const say = () => lab.post(`/people/${openid}/say`, { type: 'text', content: 'hi' });
const sends = async (count: number) => {
  const codes = [];
  for (let index = 0; index < count; index += 1) codes.push(await lab.text(openid, `m${String(index)}`));
  return codes;
};
const message = (msgtype: string, object: unknown) =>
  lab.code('/cgi-bin/message/custom/send', { touser: openid, msgtype, [msgtype]: object });

describe('when customer messages may be sent (docs/wechat.md 2.5)', () => {
  it('a written message allows five for 48 hours; the sixth is 45047', async () => {
    await say();
    expect(await sends(6)).toEqual([0, 0, 0, 0, 0, 45047]);
    expect((await lab.shown(openid)).map((each) => each['content'])).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
  });

  it('ends after 48 hours with 45015, not a second before', async () => {
    await say();
    await lab.advance(48 * hour - 10 * second);
    await lab.renewToken();
    expect(await sends(1)).toEqual([0]);
    await lab.advance(10 * second);
    expect(await sends(1)).toEqual([45015]);
  });

  it.each([
    ['scan', { scene: 'shelf' }],
    ['tap', { menuKey: 'HOT' }],
  ])('%s allows three for a minute', async (action, body) => {
    expect(await sends(1)).toEqual([45015]);
    await lab.post(`/people/${openid}/${action}`, body);
    expect(await sends(4)).toEqual([0, 0, 0, 45047]);
    await lab.post(`/people/${openid}/${action}`, body);
    await lab.advance(61 * second);
    expect(await sends(1)).toEqual([45015]);
  });

  it('following allows three for a minute', async () => {
    const fresh = `${openid}-fresh`;
    await lab.person(fresh, false);
    expect(await lab.text(fresh)).toBe(45015);
    await lab.post(`/people/${fresh}/follow`);
    expect([await lab.text(fresh), await lab.text(fresh), await lab.text(fresh), await lab.text(fresh)]).toEqual([
      0, 0, 0, 45047,
    ]);
  });

  it('a repeat resets the credit instead of adding to it', async () => {
    await say();
    await sends(2);
    await say();
    expect(await sends(6)).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  it('takes from the credit that ends first', async () => {
    await say();
    await lab.post(`/people/${openid}/scan`, { scene: 'shelf' });
    expect(await sends(3)).toEqual([0, 0, 0]);
    await lab.advance(61 * second);
    expect(await sends(6)).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  it('unfollowing clears all, also after following again', async () => {
    await say();
    await lab.post(`/people/${openid}/unfollow`);
    expect(await sends(1)).toEqual([45015]);
    await lab.post(`/people/${openid}/follow`);
    expect(await sends(4)).toEqual([0, 0, 0, 45047]);
  });

  it('tapping a msgmenu entry is a menu click, not a written message', async () => {
    await say();
    const list = [{ id: '7', content: '满意' }];
    expect(await message('msgmenu', { head_content: '?', list, tail_content: '' })).toBe(0);
    expect(await sends(5)).toEqual([0, 0, 0, 0, 45047]);
    await lab.post(`/people/${openid}/tap`, { menuId: '7' });
    expect(lab.received.at(-1)?.body).toContain('<bizmsgmenuid><![CDATA[7]]></bizmsgmenuid>');
    expect(await sends(4)).toEqual([0, 0, 0, 45047]);
    expect((await lab.post(`/people/${openid}/tap`, { menuId: '8' })).status).toBe(404);
  });

  it('a refused message costs nothing', async () => {
    await say();
    for (let index = 0; index < 5; index += 1) await lab.text(openid, '');
    expect(await sends(6)).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  it('a person who rejects messages is 48002', async () => {
    await say();
    await lab.post(`/people/${openid}/block`);
    expect(await sends(1)).toEqual([48002]);
    await lab.post(`/people/${openid}/block`, { on: false });
    expect(await sends(1)).toEqual([0]);
  });
});

describe('what a customer message may hold (docs/wechat.md 2.5)', () => {
  beforeEach(() => say());

  it('knows its people: 40003', async () => {
    expect(await lab.text('nobody')).toBe(40003);
  });

  it('text: empty 44004, at most 2048 bytes', async () => {
    expect(await lab.text(openid, '')).toBe(44004);
    expect(await lab.text(openid, '茶'.repeat(682))).toBe(0);
    expect(await lab.text(openid, '茶'.repeat(683))).toBe(45002);
  });

  it('characters are raw UTF-8: an escape is 40033 (0.3)', async () => {
    const body = (content: string) => `{"touser":"${openid}","msgtype":"text","text":{"content":"${content}"}}`;
    expect(await lab.code('/cgi-bin/message/custom/send', body('\\u8336'))).toBe(40033);
    expect(await lab.code('/cgi-bin/message/custom/send', body('茶\\n\\\\u8336'))).toBe(0);
  });

  it('media must be of this account, of its kind and not expired: 40007', async () => {
    expect(await message('image', { media_id: 'none' })).toBe(40007);
    const form = new FormData();
    form.set('media', new Blob([Buffer.from('png')], { type: 'image/png' }), 'a.png');
    const token = await lab.renewToken();
    const url = `${lab.simulator.apiBase}/cgi-bin/media/upload?type=image&access_token=${token}`;
    const { body } = await lab.send(url, { method: 'POST', body: form });
    const media_id = String(body['media_id']);
    expect(await message('image', { media_id })).toBe(0);
    expect(await message('voice', { media_id })).toBe(40007);
    await lab.advance(3 * day);
    await lab.renewToken();
    expect(await message('image', { media_id })).toBe(40007);
  });

  it('news holds exactly one article', async () => {
    const article = { title: '春茶', description: '', url: 'https://shop.example/', picurl: '' };
    expect(await message('news', { articles: [article] })).toBe(0);
    expect(await message('news', { articles: [article, article] })).toBe(45008);
    expect(await message('news', { articles: [] })).toBe(44004);
  });

  it.each([
    ['msgmenu', { head_content: '?', list: [{ id: 1, content: '好' }], tail_content: '' }, 0],
    ['msgmenu', { head_content: '?', list: [] }, 47003],
    ['mpnewsarticle', { article_id: 'A1' }, 0],
    ['mpnewsarticle', {}, 47003],
    ['wxcard', { card_id: 'C1' }, 0],
    ['link', { title: 'only in mini-programs' }, 40008],
    ['constructor', {}, 40008],
  ])('%s %j answers %d', async (msgtype, object, expected) => {
    expect(await message(msgtype, object)).toBe(expected);
  });

  it('an agent is named name@account', async () => {
    const body = { touser: openid, msgtype: 'text', text: { content: 'x' } };
    const send = (kf_account: string) =>
      lab.code('/cgi-bin/message/custom/send', { ...body, customservice: { kf_account } });
    expect(await send('nobody')).toBe(65401);
    expect(await send('amy@shop')).toBe(0);
  });
});

describe('typing (docs/wechat.md 2.5)', () => {
  const typing = (command: string) => lab.code('/cgi-bin/message/custom/typing', { touser: openid, command });

  it('needs an action in the last 30 s, and is not repeated', async () => {
    expect(await typing('Typing')).toBe(45080);
    await say();
    expect(await typing('Nonsense')).toBe(45072);
    expect(await typing('Typing')).toBe(0);
    expect(await typing('Typing')).toBe(45081);
    expect(await typing('CancelTyping')).toBe(0);
    expect(await typing('Typing')).toBe(0);
    await lab.advance(31 * second);
    expect(await typing('Typing')).toBe(45080);
  });
});

describe('the numbers are configuration (docs/wechat.md 2.5)', () => {
  it('takes the older twenty', async () => {
    const other = await startLab({ creditRules: { message: { messages: 20, windowMs: 48 * hour } } });
    await other.register();
    await other.person('o-x');
    await other.advance(2 * minute);
    await other.post('/people/o-x/say', { type: 'text', content: 'hi' });
    const codes = [];
    for (let index = 0; index < 21; index += 1) codes.push(await other.text('o-x'));
    expect(codes.filter((code) => code === 0)).toHaveLength(20);
    expect(codes.at(-1)).toBe(45047);
    await other.stop();
  });
});
