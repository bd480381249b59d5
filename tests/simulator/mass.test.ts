/** Mass sends of the simulated platform, as its pages describe them: who gets one, what is refused, what is told afterwards. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { account, day, field, minute, second, startLab, until, type Lab } from './lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ massDelayMs: 20 });
});
afterAll(() => lab.stop());
beforeEach(async () => {
  await lab.post('/reset');
  await lab.control('DELETE', '/faults');
  await lab.register();
  await lab.post('/clock', { set: '2027-03-10T02:00:00Z' });
  await lab.renewToken();
  lab.received.length = 0;
  lab.reply = (_received, response) => void response.end('success');
});

const path = '/cgi-bin/message/mass/send';
const send = async (touser: unknown, extra: Record<string, unknown> = {}) =>
  (await lab.api(path, { touser, msgtype: 'text', text: { content: '上新' }, ...extra })).body;
const code = async (touser: unknown, extra: Record<string, unknown> = {}) => (await send(touser, extra))['errcode'];
const people = async (...openids: string[]) => {
  for (const openid of openids) await lab.person(openid);
};
const pushesOf = (msgId: unknown) => lab.received.filter((each) => field(each.body, 'MsgID') === String(msgId));
/** [total, left after the filter, sent, error], and the status. */
async function totals(msgId: unknown): Promise<{ counts: number[]; status: string | undefined }> {
  await until(() => pushesOf(msgId).length > 0);
  const body = pushesOf(msgId)[0]?.body ?? '';
  const names = ['TotalCount', 'FilterCount', 'SentCount', 'ErrorCount'];
  return { counts: names.map((name) => Number(field(body, name))), status: field(body, 'Status') };
}
const got = async (openid: string) =>
  (await lab.shown(openid)).filter((each) => each['route'] === 'mass').map((each) => each['content']);
const statusOf = async (msgId: unknown) => (await lab.api('/cgi-bin/message/mass/get', { msg_id: msgId })).body;

describe('who gets one (docs/wechat.md 2.8)', () => {
  it('followers who do not reject the account; the unknown, the gone and the blocked are filtered out', async () => {
    await people('o-a', 'o-b', 'o-blocked');
    await lab.person('o-stranger', false);
    await lab.post('/people/o-blocked/block');
    const { msg_id: msgId, errmsg } = await send(['o-a', 'o-b', 'o-a', 'o-blocked', 'o-stranger', 'o-nobody']);
    expect(errmsg).toBe('send job submission success');
    expect(await totals(msgId)).toEqual({ counts: [5, 2, 2, 0], status: 'send success' });
    expect([await got('o-a'), await got('o-b'), await got('o-blocked')]).toEqual([['上新'], ['上新'], []]);
    expect(field(pushesOf(msgId)[0]?.body ?? '', 'Event')).toBe('MASSSENDJOBFINISH');
  });

  it('four a calendar month of Shanghai; a fifth is left out for that person alone', async () => {
    await people('o-a', 'o-b');
    for (let round = 0; round < 4; round += 1) await totals((await send(['o-a', 'o-nobody']))['msg_id']);
    expect((await totals((await send(['o-a', 'o-b']))['msg_id'])).counts).toEqual([2, 1, 1, 0]);
    expect([(await got('o-a')).length, (await got('o-b')).length]).toEqual([4, 1]);
    await lab.post('/clock', { set: '2027-03-31T15:59:00Z' });
    await lab.renewToken();
    expect((await totals((await send(['o-a', 'o-x']))['msg_id'])).counts).toEqual([2, 0, 0, 0]);
    await lab.post('/clock', { set: '2027-03-31T16:00:01Z' });
    await lab.renewToken();
    expect((await totals((await send(['o-a', 'o-x']))['msg_id'])).counts).toEqual([2, 1, 1, 0]);
  });

  it('what the shop sends from the console counts among the four', async () => {
    await people('o-a', 'o-b');
    const console = (body: unknown) => lab.post(`/accounts/${account.appId}/consolemass`, body);
    expect((await console({ text: '店内活动', openids: ['o-a', 'o-nobody'] })).body).toEqual({ total: 2, sent: 1 });
    for (let round = 0; round < 4; round += 1) await console({ text: '全员' });
    expect([(await got('o-a')).length, (await got('o-b')).length]).toEqual([4, 4]);
    expect((await totals((await send(['o-a', 'o-b']))['msg_id'])).counts).toEqual([2, 0, 0, 0]);
    expect(lab.received.filter((each) => field(each.body, 'Event') === 'MASSSENDJOBFINISH')).toHaveLength(1);
    expect((await console({ openids: [] })).status).toBe(400);
    expect((await lab.post('/accounts/wx-none/consolemass', { text: 'x' })).status).toBe(404);
  });

  it('who leaves while it is under way is an error and keeps their four', async () => {
    const slow = await startLab({ massDelayMs: 300 });
    await slow.register();
    for (const openid of ['o-a', 'o-b']) await slow.person(openid);
    const sent = async (touser: string[]) =>
      (await slow.api(path, { touser, msgtype: 'text', text: { content: 'x' } })).body['msg_id'];
    const counts = async (msgId: unknown) => {
      const mine = () => slow.received.find((each) => field(each.body, 'MsgID') === String(msgId))?.body ?? '';
      await until(() => mine() !== '');
      return ['FilterCount', 'SentCount', 'ErrorCount'].map((name) => Number(field(mine(), name)));
    };
    for (let round = 0; round < 5; round += 1) {
      const msgId = await sent(['o-a', 'o-b']);
      await slow.post('/people/o-a/unfollow');
      expect(await counts(msgId)).toEqual(round < 4 ? [2, 1, 1] : [1, 0, 1]);
      await slow.post('/people/o-a/follow');
    }
    expect(await counts(await sent(['o-a', 'o-b']))).toEqual([1, 1, 0]);
    await slow.stop();
  });
});

describe('refused', () => {
  it.each<[string, unknown, Record<string, unknown>, number]>([
    ['one person', ['o-a'], {}, 40130],
    ['one person twice', ['o-a', 'o-a'], {}, 40130],
    ['nobody', undefined, {}, 40130],
    ['something that is no openid', ['o-a', 1], {}, 40031],
    ['10,001 people', Array.from({ length: 10_001 }, (_, i) => `o-${String(i)}`), {}, 40032],
    ['an empty text', ['o-a', 'o-b'], { text: { content: ' ' } }, 44004],
    ['a long text', ['o-a', 'o-b'], { text: { content: '字'.repeat(683) } }, 45002],
    ['a type that cannot be sent to many', ['o-a', 'o-b'], { msgtype: 'news', news: {} }, 40008],
    ['pictures without any', ['o-a', 'o-b'], { msgtype: 'image', images: { media_ids: [] } }, 40007],
    ['a picture nobody uploaded', ['o-a', 'o-b'], { msgtype: 'image', images: { media_ids: ['x'] } }, 40007],
    ['an article without an id', ['o-a', 'o-b'], { msgtype: 'mpnews', mpnews: {} }, 40007],
    ['a long clientmsgid', ['o-a', 'o-b'], { clientmsgid: 'c'.repeat(65) }, 45067],
  ])('%s', async (_name, touser, extra, errcode) => {
    await people('o-a', 'o-b');
    expect(await code(touser, extra)).toBe(errcode);
    expect(await got('o-a')).toEqual([]);
  });

  it('10,000 people are not too many', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `o-${String(i)}`);
    expect((await totals((await send(many))['msg_id'])).counts).toEqual([10_000, 0, 0, 0]);
  });

  it('an article that the account does not have, where it says which it has', async () => {
    await lab.register({ articles: [{ mediaId: 'mat-1', title: '冬季上新', url: 'https://shop.example/1' }] });
    await people('o-a', 'o-b');
    const article = (media_id: string) => ({ msgtype: 'mpnews', mpnews: { media_id } });
    expect(await code(['o-a', 'o-b'], article('mat-2'))).toBe(40007);
    await totals((await send(['o-a', 'o-b'], article('mat-1')))['msg_id']);
    expect((await lab.shown('o-a'))[0]).toMatchObject({
      route: 'mass',
      msgtype: 'mpnews',
      content: { media_id: 'mat-1', articles: [{ title: '冬季上新', url: 'https://shop.example/1' }] },
    });
  });

  it('more than sixty a minute', async () => {
    const codes = [];
    for (let round = 0; round < 61; round += 1) codes.push(await code(['o-x', 'o-y']));
    expect([codes[59], codes[60]]).toEqual([0, 45011]);
    await lab.advance(minute);
    expect(await code(['o-x', 'o-y'])).toBe(0);
  });

  it('the mini-program has no such call', async () => {
    await lab.post('/accounts', { kind: 'mini-program', appId: 'wx-mini', secret: 's', name: 'm' });
    const token = await lab.getToken({ appId: 'wx-mini', secret: 's' });
    expect((await lab.apiAs(token, path, { touser: ['a', 'b'] })).body['errcode']).toBe(48001);
  });
});

describe('the same clientmsgid', () => {
  it('is one send: 45065 with its id, then 45066 for a minute; another id is another send', async () => {
    await people('o-a', 'o-b');
    const again = () => send(['o-a', 'o-b'], { clientmsgid: 'c1' });
    const first = await again();
    await totals(first['msg_id']);
    expect(await again()).toMatchObject({ errcode: 45065, msg_id: first['msg_id'] });
    expect((await again())['errcode']).toBe(45066);
    await lab.advance(59 * second);
    expect((await again())['errcode']).toBe(45066);
    await lab.advance(2 * second);
    expect(await again()).toMatchObject({ errcode: 45065, msg_id: first['msg_id'] });
    expect(await got('o-a')).toHaveLength(1);
    const other = await send(['o-a', 'o-b'], { clientmsgid: 'c2' });
    expect(other['msg_id']).not.toBe(first['msg_id']);
  });

  it('was not used up by a send that was refused', async () => {
    await people('o-a', 'o-b');
    expect(await code(['o-a', 'o-b'], { clientmsgid: 'c1', text: { content: '' } })).toBe(44004);
    expect(await code(['o-a', 'o-b'], { clientmsgid: 'c1' })).toBe(0);
  });

  it('finds the send whose answer was lost', async () => {
    await people('o-a', 'o-b');
    await lab.post('/faults', { path, drop: 'after' });
    await expect(send(['o-a', 'o-b'], { clientmsgid: 'c1' })).rejects.toThrow();
    const repeated = await send(['o-a', 'o-b'], { clientmsgid: 'c1' });
    expect(repeated['errcode']).toBe(45065);
    await totals(repeated['msg_id']);
    expect(await got('o-a')).toHaveLength(1);
  });
});

describe('what is told afterwards', () => {
  it('is pushed again until it is taken', async () => {
    await people('o-a', 'o-b');
    let refusals = 2;
    lab.reply = (_received, response) => {
      if (refusals-- > 0) response.writeHead(500).end();
      else response.end('success');
    };
    const { msg_id: msgId } = await send(['o-a', 'o-b']);
    await until(() => pushesOf(msgId).length === 3);
    expect(new Set(pushesOf(msgId).map(({ body }) => body)).size).toBe(1);
  });

  it('a text the censors refuse reaches nobody and uses none of the four', async () => {
    await people('o-a', 'o-b');
    const refused = await send(['o-a', 'o-b'], { text: { content: '稳赚不赔' } });
    expect(refused['errcode']).toBe(0);
    expect(await totals(refused['msg_id'])).toEqual({ counts: [2, 2, 0, 2], status: 'err(20008)' });
    expect(await statusOf(refused['msg_id'])).toMatchObject({ msg_status: 'SEND_FAIL' });
    for (let round = 0; round < 4; round += 1) {
      expect((await totals((await send(['o-a', 'o-b']))['msg_id'])).counts).toEqual([2, 2, 2, 0]);
    }
  });

  it('may be asked for', async () => {
    await people('o-a', 'o-b');
    const { msg_id: msgId } = await send(['o-a', 'o-b']);
    expect(await statusOf(msgId)).toEqual({ msg_id: msgId, msg_status: 'SENDING' });
    await totals(msgId);
    expect(await statusOf(msgId)).toEqual({ msg_id: msgId, msg_status: 'SEND_SUCCESS' });
    expect(await statusOf(1)).toMatchObject({ errcode: 40097 });
  });

  it('nothing of it after a reset', async () => {
    await people('o-a', 'o-b');
    const { msg_id: msgId } = await send(['o-a', 'o-b']);
    await lab.post('/reset');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(pushesOf(msgId)).toEqual([]);
  });
});

describe('to everybody, and the preview', () => {
  it('to all go out once a day and four times a month', async () => {
    await people('o-a');
    const all = () =>
      lab.code('/cgi-bin/message/mass/sendall', {
        filter: { is_to_all: true },
        msgtype: 'text',
        text: { content: '上新' },
      });
    const codes = [];
    for (let round = 0; round < 5; round += 1) {
      codes.push(await all(), await all());
      await lab.advance(day);
      await lab.renewToken();
    }
    expect(codes).toEqual([0, 45028, 0, 45028, 0, 45028, 0, 45028, 45028, 45028]);
  });

  it('a preview goes to one follower at once and uses none of the four', async () => {
    await people('o-a', 'o-b');
    await lab.person('o-c', false);
    const preview = (touser: string) =>
      lab.code('/cgi-bin/message/mass/preview', { touser, msgtype: 'text', text: { content: '预览' } });
    expect([await preview('o-a'), await preview('o-c'), await preview('o-none')]).toEqual([0, 43004, 40003]);
    expect(await got('o-a')).toEqual(['预览']);
    for (let round = 0; round < 4; round += 1) {
      expect((await totals((await send(['o-a', 'o-b']))['msg_id'])).counts).toEqual([2, 2, 2, 0]);
    }
  });

  it('a hundred previews a day', async () => {
    await people('o-a');
    const codes = [];
    for (let round = 0; round < 101; round += 1) {
      codes.push(
        await lab.code('/cgi-bin/message/mass/preview', { touser: 'o-a', msgtype: 'text', text: { content: 'x' } }),
      );
    }
    expect([codes[99], codes[100]]).toEqual([0, 45009]);
  });
});
