import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decrypt, encrypt, signature } from '../../simulator/crypto.js';
import { account, field, minute, startLab, until, type Lab, type Received } from './lab.js';

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ pushTimeoutMs: 150 });
});
afterEach(() => lab.stop());

const say = (body: Record<string, unknown> = { type: 'text', content: 'hi' }) => lab.post('/people/o-1/say', body);
const follower = async (settings: Record<string, unknown> = {}) => {
  await lab.register(settings);
  await lab.person('o-1');
  lab.received.length = 0;
};
const last = (): Received => {
  const received = lab.received.at(-1);
  if (received === undefined) throw new Error('nothing was pushed');
  return received;
};
const proof = ({ query }: Received, encrypted?: string) => {
  const parts = [account.token, query.get('timestamp') ?? '', query.get('nonce') ?? ''];
  return signature(...parts, ...(encrypted === undefined ? [] : [encrypted]));
};
const open = (encrypted: string | undefined) => {
  const opened = decrypt({
    encodingAesKey: account.encodingAesKey,
    receiveId: account.appId,
    encrypted: encrypted ?? '',
  });
  return opened.ok ? opened.text : opened.reason;
};
const replyXml = (fields: Partial<Record<'to' | 'from' | 'time' | 'rest', string>> = {}) =>
  `<xml><ToUserName><![CDATA[${fields.to ?? 'o-1'}]]></ToUserName>` +
  `<FromUserName><![CDATA[${fields.from ?? account.originalId}]]></FromUserName>` +
  `<CreateTime>${fields.time ?? '1700000000'}</CreateTime>` +
  `${fields.rest ?? '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[您好 ]]]]><![CDATA[>]]></Content>'}</xml>`;
const notices = async () => {
  const { body } = await lab.control('GET', '/people/o-1/chat');
  return (body as unknown as { from: string }[]).filter((entry) => entry.from === 'notice').length;
};

describe('modes (docs/wechat.md 1.2)', () => {
  it('plain: all fields, signed', async () => {
    await follower();
    await say({ type: 'text', content: 'a ]]> <b> 你好' });
    const { query, body } = last();
    expect(query.get('signature')).toBe(proof(last()));
    expect(query.get('openid')).toBe('o-1');
    expect(query.has('msg_signature')).toBe(false);
    expect(field(body, 'ToUserName')).toBe(account.originalId);
    expect(body).toContain('<Content><![CDATA[a ]]]]><![CDATA[> <b> 你好]]></Content>');
  });

  it.each(['safe', 'compatible'])('%s: encrypted, proved by msg_signature', async (mode) => {
    await follower({ mode });
    await say();
    const { query, body } = last();
    const encrypted = field(body, 'Encrypt');
    expect(query.get('encrypt_type')).toBe('aes');
    expect(query.get('msg_signature')).toBe(proof(last(), encrypted));
    expect(query.get('signature')).toBe(proof(last()));
    expect(field(open(encrypted), 'Content')).toBe('hi');
    expect(field(body, 'Content')).toBe(mode === 'safe' ? undefined : 'hi');
    expect(field(body, 'FromUserName')).toBe(mode === 'safe' ? undefined : 'o-1');
  });

  it('JSON: the same fields, the message id a bare number of 64 bits', async () => {
    await follower({ dataFormat: 'json', mode: 'safe' });
    await say({ type: 'text', content: 'hi', msgId: '9007199254740993123' });
    const outer = JSON.parse(last().body) as { Encrypt: string; ToUserName: string };
    expect(Object.keys(outer).sort()).toEqual(['Encrypt', 'ToUserName']);
    expect(open(outer.Encrypt)).toContain('"MsgId":9007199254740993123}');
    expect(last().contentType).toBe('application/json');
  });
});

describe('delivery (docs/wechat.md 1.3)', () => {
  it('three attempts in total with the same body and a fresh nonce', async () => {
    await follower({ mode: 'safe' });
    lab.reply = (_received, response) => void response.writeHead(503).end();
    const { body } = await say();
    expect((body['attempts'] as { status: number }[]).map((each) => each.status)).toEqual([503, 503, 503]);
    expect(new Set(lab.received.map((each) => each.body)).size).toBe(1);
    expect(new Set(lab.received.map((each) => each.query.get('nonce'))).size).toBe(3);
    expect(await notices()).toBe(1);
  });

  it('a time-out is repeated; the answer to the second attempt counts', async () => {
    await follower();
    lab.reply = (_received, response) => void (lab.received.length > 1 && response.end(replyXml()));
    const { body } = await say();
    expect(body['attempts']).toMatchObject([{ status: 0, error: 'timeout' }, { status: 200 }]);
    expect(await lab.shown('o-1')).toMatchObject([{ route: 'passive', msgtype: 'text', content: '您好 ]]>' }]);
    expect(await notices()).toBe(0);
  });

  it('the whole answer counts: a body that drips past the time is a time-out', async () => {
    await follower();
    lab.reply = (_received, response) => void response.writeHead(200).write('succ');
    const { body } = await say();
    expect(body['attempts']).toMatchObject([{ error: 'timeout' }, { error: 'timeout' }, { error: 'timeout' }]);
  });

  it('a closed connection is repeated', async () => {
    await follower();
    lab.reply = (_received, response) => void (lab.received.length < 3 ? response.destroy() : response.end());
    const { body } = await say();
    expect((body['attempts'] as { status: number }[]).map((each) => each.status)).toEqual([0, 0, 200]);
  });

  it('another status is not repeated, but shown', async () => {
    await follower();
    lab.reply = (_received, response) => void response.writeHead(403).end('no');
    expect((await say()).body['attempts']).toHaveLength(1);
    expect(await notices()).toBe(1);
  });

  it('waits five seconds unless told otherwise', async () => {
    const patient = await startLab();
    await patient.register();
    await patient.person('o-1');
    let first = true;
    patient.reply = (_received, response) => {
      if (!first) return void response.end();
      first = false;
      setTimeout(() => response.destroyed || response.end('success'), 5600);
    };
    const { body } = await patient.post('/people/o-1/say', { type: 'text', content: 'hi' });
    const [attempt] = body['attempts'] as { ms: number }[];
    expect(attempt?.ms).toBeGreaterThanOrEqual(4990);
    expect(attempt?.ms).toBeLessThan(5500);
    await patient.stop();
  });

  it('nothing is shown after unfollowing', async () => {
    await follower();
    lab.reply = (_received, response) => void response.writeHead(500).end();
    await lab.post('/people/o-1/unfollow');
    expect(await notices()).toBe(0);
  });
});

describe('passive replies (docs/wechat.md 1.3, 1.6)', () => {
  const answer = (text: string) => (lab.reply = (_received, response) => void response.end(text));

  it.each(['', 'success', ' success\n'])('%j accepts in silence', async (text) => {
    await follower({ mode: 'safe' });
    answer(text);
    await say();
    expect([await lab.shown('o-1'), await notices()]).toEqual([[], 0]);
  });

  it('does not use up a credit', async () => {
    await follower();
    answer(replyXml());
    await lab.advance(2 * minute);
    await say();
    const codes = [];
    for (let index = 0; index < 6; index += 1) codes.push(await lab.text('o-1'));
    expect(codes).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  it.each([
    ['JSON where XML is due', '{"MsgType":"text"}'],
    ['broken XML', '<xml><MsgType>text</xml>'],
    ['another person', replyXml({ to: 'o-2' })],
    ['another account', replyXml({ from: 'gh_other' })],
    ['no time', replyXml({ time: 'now' })],
    ['no content', replyXml({ rest: '<MsgType>text</MsgType>' })],
    ['unknown kind', replyXml({ rest: '<MsgType>hologram</MsgType>' })],
    ['unknown media', replyXml({ rest: '<MsgType>image</MsgType><Image><MediaId>none</MediaId></Image>' })],
  ])('%s shows that the service is unavailable', async (_name, text) => {
    await follower();
    answer(text);
    expect((await say()).body['attempts']).toHaveLength(1);
    expect([await lab.shown('o-1'), await notices()]).toEqual([[], 1]);
  });

  it('a news reply shows one article', async () => {
    await follower();
    const item = (title: string) => `<item><Title>${title}</Title><Url>https://shop.example/</Url></item>`;
    answer(
      replyXml({
        rest: `<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles>${item('A')}${item('B')}</Articles>`,
      }),
    );
    await say();
    const [shown] = await lab.shown('o-1');
    expect((shown?.['content'] as { articles: { title: string }[] }).articles.map((each) => each.title)).toEqual(['A']);
  });

  const sealed = (text: string, over: Partial<typeof account> = {}) => {
    const { appId, encodingAesKey, token } = { ...account, ...over };
    const encrypted = encrypt({ encodingAesKey, receiveId: appId, text });
    const proved = signature(token, '1700000000', 'n1', encrypted);
    return (
      `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt><MsgSignature><![CDATA[${proved}]]></MsgSignature>` +
      `<TimeStamp>1700000000</TimeStamp><Nonce><![CDATA[n1]]></Nonce></xml>`
    );
  };

  it('in safe mode the reply is sealed, and only then shown', async () => {
    await follower({ mode: 'safe' });
    answer(sealed(replyXml()));
    await say();
    expect(await lab.shown('o-1')).toMatchObject([{ route: 'passive', accountId: account.appId }]);
    answer(replyXml());
    await say();
    answer(sealed(replyXml(), { token: 'other' }));
    await say();
    answer(sealed(replyXml(), { appId: 'wxother' }));
    await say();
    expect([(await lab.shown('o-1')).length, await notices()]).toEqual([1, 3]);
  });

  it('JSON replies are read where the account uses JSON', async () => {
    await follower({ dataFormat: 'json' });
    answer(
      JSON.stringify({
        ToUserName: 'o-1',
        FromUserName: account.originalId,
        CreateTime: 1700000000,
        MsgType: 'text',
        Content: '好',
      }),
    );
    await say();
    expect(await lab.shown('o-1')).toMatchObject([{ content: '好' }]);
  });
});

describe('proving the address (docs/wechat.md 1.1)', () => {
  it('succeeds only for exactly the echostr', async () => {
    await lab.register();
    lab.reply = ({ query }, response) => void response.end(query.get('echostr'));
    expect((await lab.post(`/accounts/${account.appId}/verify`)).body).toMatchObject({ verified: true });
    expect(last().query.get('signature')).toBe(proof(last()));
    lab.reply = ({ query }, response) => void response.end(`"${query.get('echostr') ?? ''}"`);
    expect((await lab.post(`/accounts/${account.appId}/verify`)).body).toMatchObject({ verified: false });
  });
});

describe('messages and events (docs/wechat.md 1.4, 1.5)', () => {
  const event = () => ['Event', 'EventKey', 'Ticket'].map((name) => field(last().body, name));

  it('follow, scan and unfollow carry scene and ticket', async () => {
    await lab.register();
    await lab.person('o-1', false);
    await lab.post('/people/o-1/scan', { scene: 'shop-7' });
    const [name, key, ticket] = event();
    expect([name, key]).toEqual(['subscribe', 'qrscene_shop-7']);
    await lab.post('/people/o-1/scan', { scene: 'shop-7' });
    expect(event()).toEqual(['SCAN', 'shop-7', ticket]);
    await lab.post('/people/o-1/unfollow');
    expect(event()).toEqual(['unsubscribe', '', undefined]);
    await lab.post('/people/o-1/follow');
    expect(event()).toEqual(['subscribe', '', undefined]);
    expect(field(last().body, 'MsgId')).toBeUndefined();
  });

  it('menu entries push what their type says', async () => {
    const menu = [
      { name: '逛', type: 'click', key: 'SHOP' },
      { name: '扫', type: 'scancode_push', key: 'SCAN1' },
      { name: '更多', sub_button: [{ name: '站', type: 'view', url: 'https://shop.example/' }] },
    ];
    await follower({ menu });
    await lab.advance(2 * minute);
    await lab.post('/people/o-1/tap', { menuKey: 'https://shop.example/' });
    expect(event().slice(0, 2)).toEqual(['VIEW', 'https://shop.example/']);
    expect(await lab.text('o-1')).toBe(45015);
    await lab.post('/people/o-1/tap', { menuKey: 'SCAN1' });
    expect(field(last().body, 'ScanType')).toBe('qrcode');
    expect(await lab.text('o-1')).toBe(0);
    await lab.post('/people/o-1/tap', { menuKey: 'SHOP' });
    expect(event().slice(0, 2)).toEqual(['CLICK', 'SHOP']);
    expect((await lab.post('/people/o-1/tap', { menuKey: 'NONE' })).status).toBe(404);
  });

  it('every kind of message has its fields; ids are 64 bits', async () => {
    await follower();
    await say({ type: 'location', latitude: 31.2, longitude: 121.5, label: '人民广场' });
    expect([field(last().body, 'Location_X'), field(last().body, 'Label')]).toEqual(['31.2', '人民广场']);
    await say({ type: 'link', title: 'T', url: 'https://a.example/?a=1&b=2' });
    expect(field(last().body, 'Url')).toBe('https://a.example/?a=1&b=2');
    await say({ type: 'voice' });
    expect([field(last().body, 'Format'), field(last().body, 'MediaId')?.length]).toEqual(['amr', 64]);
    expect(Number(field(last().body, 'MsgId'))).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    await say({ type: 'text', content: 'x', createTime: 1_600_000_000, msgId: '77' });
    expect([field(last().body, 'CreateTime'), field(last().body, 'MsgId')]).toEqual(['1600000000', '77']);
  });

  it('a picture can be fetched at PicUrl and by its media id', async () => {
    await follower();
    await say({ type: 'image', base64: Buffer.from('a picture').toString('base64'), contentType: 'image/jpeg' });
    const url = field(last().body, 'PicUrl') ?? '';
    const picture = await fetch(url);
    expect([picture.headers.get('content-type'), await picture.text()]).toEqual(['image/jpeg', 'a picture']);
    const token = await lab.renewToken();
    const id = field(last().body, 'MediaId') ?? '';
    const got = await fetch(`${lab.simulator.apiBase}/cgi-bin/media/get?access_token=${token}&media_id=${id}`);
    expect(await got.text()).toBe('a picture');
  });

  it('only a follower can write', async () => {
    await lab.register();
    await lab.person('o-1', false);
    expect(await say()).toMatchObject({ status: 409, body: { code: 'not.following' } });
    expect(lab.received).toHaveLength(0);
  });
});

describe('faults of a push (docs/wechat.md 6.6)', () => {
  it('duplicate, out of order, dropped before and after', async () => {
    await follower();
    const fault = (extra: Record<string, unknown>) => lab.post('/faults', { path: 'push', ...extra });
    await fault({ duplicate: true });
    await say({ type: 'text', content: 'twice' });
    expect(lab.received.map((each) => field(each.body, 'Content'))).toEqual(['twice', 'twice']);
    lab.received.length = 0;
    await fault({ outOfOrder: true });
    expect((await say({ type: 'text', content: 'first' })).body).toMatchObject({ held: true, attempts: [] });
    await say({ type: 'text', content: 'second' });
    await until(() => lab.received.length === 2);
    expect(lab.received.map((each) => field(each.body, 'Content'))).toEqual(['second', 'first']);
    lab.received.length = 0;
    await fault({ drop: 'before' });
    expect((await say()).body['attempts']).toHaveLength(2);
    expect(lab.received).toHaveLength(1);
    lab.received.length = 0;
    await fault({ drop: 'after', times: 3 });
    await say();
    expect(lab.received).toHaveLength(3);
  });
});
