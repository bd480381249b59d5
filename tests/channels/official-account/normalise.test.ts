/** Payload → InboundEvent, one row a kind; every result is a valid event of the contract. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InboundEvent } from '../../../src/contracts/index.js';
import { parseJsonObject } from '../../../src/channels/wechat/json.js';
import { normalise } from '../../../src/channels/official-account/normalise.js';
import { parseXml } from '../../../src/channels/wechat/xml.js';
import { fixture, receivedAt } from './parts.js';

const user = 'oTEST0000000000000000000001';
const second = '1714112445';

function eventOf(raw: string): InboundEvent {
  const fields = raw.startsWith('{') ? parseJsonObject(raw) : parseXml(raw);
  return InboundEvent.parse(normalise({ account: 'shop', fields, raw, receivedAt }));
}
const from = (name: string): InboundEvent => eventOf(fixture(name));

describe('messages', () => {
  const platformId = (id: string) => ({ media: { platformId: id } });
  it.each([
    ['text.xml', '01', { type: 'text', text: '你好 <b>& "friends"' }],
    [
      'image.xml',
      '03',
      { type: 'image', media: { platformId: 'media-image-1', url: 'http://mmbiz.qpic.cn/mmbiz_jpg/test/0' } },
    ],
    ['voice.xml', '04', { type: 'voice', ...platformId('media-voice-1'), format: 'amr', recognition: '我想退货' }],
    ['voice-unrecognised.xml', '05', { type: 'voice', ...platformId('media-voice-2'), format: 'speex' }],
    ['video.xml', '06', { type: 'video', ...platformId('media-video-1'), thumb: { platformId: 'media-thumb-1' } }],
    ['shortvideo.xml', '07', { type: 'video', ...platformId('media-video-2'), thumb: { platformId: 'media-thumb-2' } }],
    [
      'location.xml',
      '08',
      { type: 'location', latitude: 23.134521, longitude: 113.358803, scale: 20, label: '广州市海珠区客村艺苑路' },
    ],
    [
      'link.xml',
      '09',
      { type: 'link', title: '公众平台官网链接', description: '说明', url: 'https://example.com/a?b=1&c=2' },
    ],
    ['unknown-message.xml', '10', { type: 'unknown', platformType: 'hologram' }],
    ['text.json', '11', { type: 'text', text: 'id 12345678901234567890 "quoted"' }],
  ])('%s', (name, last, content) => {
    const id = `245400123456789${last}`;
    expect(from(name)).toEqual({
      key: id,
      from: { channel: 'official-account', account: 'shop', user },
      at: new Date(Number(second) * 1000),
      body: { kind: 'message', content, platformMessageId: id },
      opens: 'message',
      raw: fixture(name),
    });
  });

  it('a tap on an entry of a menu message is a text that counts as a menu click', () => {
    const { body, opens } = from('text-menu-entry.xml');
    expect({ body, opens }).toEqual({
      body: {
        kind: 'message',
        content: { type: 'text', text: '满意' },
        platformMessageId: '24540012345678902',
        menuEntryId: '101',
      },
      opens: 'menu',
    });
  });

  it('an image without an id or address is kept as unknown content', () => {
    const raw = fixture('image.xml')
      .replace(/<MediaId>.*<\/MediaId>/, '')
      .replace(/<PicUrl>.*<\/PicUrl>/, '');
    expect(eventOf(raw).body).toMatchObject({ content: { type: 'unknown', platformType: 'image' } });
  });
});

describe('events', () => {
  const scanned = { ScanType: 'qrcode', ScanResult: '1' };
  const pictures = { Count: '1', PicList: { item: { PicMd5Sum: '1b5f7c23b5bf75682a53e7b6d163e185' } } };
  const place = { Location_X: '23', Location_Y: '113', Scale: '15', Label: '广州市', Poiname: '' };
  const tap = (action: string, key: string, data?: object) => ({
    kind: 'menu-tapped',
    action,
    key,
    ...(data ? { data } : {}),
  });
  const finished = (platformId: string, status: string, detail: string) => ({
    kind: 'send-finished',
    platformId,
    status,
    detail,
  });
  it.each([
    ['subscribe', { kind: 'followed' }, 'follow', 'subscribe//'],
    [
      'subscribe-scene',
      { kind: 'followed', scene: 'shop-12', ticket: 'TICKET1' },
      'follow',
      'subscribe/qrscene_shop-12/',
    ],
    ['unsubscribe', { kind: 'unfollowed' }, undefined, 'unsubscribe//'],
    ['scan', { kind: 'scanned', scene: 'shop-12', ticket: 'TICKET1' }, 'scan', 'scan/shop-12/'],
    [
      'location-event',
      { kind: 'located', latitude: 23.137466, longitude: 113.352425, precision: 119.38504 },
      undefined,
      'location//',
    ],
    ['click', tap('click', 'MY_POINTS'), 'menu', 'click/MY_POINTS/'],
    [
      'view',
      { kind: 'link-opened', target: 'web', url: 'https://example.com/sale' },
      undefined,
      'view/https://example.com/sale/',
    ],
    [
      'view-miniprogram',
      { kind: 'link-opened', target: 'mini-program', url: 'pages/index/index' },
      undefined,
      'view_miniprogram/pages/index/index/',
    ],
    ['scancode-push', tap('scancode_push', '6', scanned), 'menu', 'scancode_push/6/'],
    ['scancode-waitmsg', tap('scancode_waitmsg', '6', scanned), 'menu', 'scancode_waitmsg/6/'],
    ['pic-sysphoto', tap('pic_sysphoto', '7', pictures), undefined, 'pic_sysphoto/7/'],
    ['pic-photo_or_album', tap('pic_photo_or_album', '7', pictures), undefined, 'pic_photo_or_album/7/'],
    ['pic-weixin', tap('pic_weixin', '7', pictures), undefined, 'pic_weixin/7/'],
    ['location-select', tap('location_select', '8', place), undefined, 'location_select/8/'],
    ['template-success', finished('200163836', 'delivered', 'success'), undefined, 'templatesendjobfinish//200163836'],
    [
      'template-blocked',
      finished('200163837', 'blocked', 'failed:user block'),
      undefined,
      'templatesendjobfinish//200163837',
    ],
    [
      'template-failed',
      finished('200163838', 'failed', 'failed: system failed'),
      undefined,
      'templatesendjobfinish//200163838',
    ],
    [
      'mass-finished',
      {
        kind: 'mass-send-finished',
        platformId: '1000001625',
        status: 'send success',
        total: 296,
        filtered: 295,
        sent: 290,
        failed: 5,
      },
      undefined,
      'masssendjobfinish//1000001625',
    ],
    [
      'notice-sent',
      finished('1700827132819554304', 'delivered', 'success'),
      undefined,
      'subscribe_msg_sent_event//1700827132819554304',
    ],
  ])('%s', (name, body, opens, key) => {
    const event = from(`${name}.xml`);
    expect({ body: event.body, opens: event.opens, key: event.key }).toEqual({
      body,
      opens,
      key: `${user}/${second}/${key}`,
    });
  });

  it.each([
    ['kf-close-session.xml', 'kf_close_session'],
    ['notice-sent-several.json', 'subscribe_msg_sent_event'],
  ])('%s is kept as unknown', (name, platformKind) => {
    const { body, opens, key } = from(name);
    expect({ body, opens }).toEqual({ body: { kind: 'unknown', platformKind }, opens: undefined });
    expect(key).toMatch(new RegExp(`^${user}/${second}/${platformKind}///[0-9a-f]{32}$`));
  });

  it('one notice in JSON comes without its wrapper and as an object', () => {
    expect(from('notice-sent.json').body).toEqual(finished('1700827132819554304', 'failed', 'failed'));
  });

  it.each([
    ['notice-popup.xml', 'popup', [['tpl-1', true]]],
    [
      'notice-popup-several.xml',
      'popup',
      [
        ['tpl-1', true],
        ['tpl-2', false],
      ],
    ],
    ['notice-change.xml', 'settings', [['tpl-1', false]]],
    ['notice-change.json', 'settings', [['tpl-1', false]]],
  ])('%s says what the person answered', (name, where, answers) => {
    const { body, opens, key } = from(name);
    const said = answers.map(([templateId, accepted]) => ({ templateId, accepted }));
    expect({ body, opens }).toEqual({ body: { kind: 'notices-answered', where, answers: said }, opens: undefined });
    expect(key).toMatch(new RegExp(`^${user}/${second}/subscribe_msg_(popup|change)_event///[0-9a-f]{32}$`));
  });

  it('the wrapper of the pop-up stands in for the right one', () => {
    const raw = fixture('notice-sent.xml').replaceAll('SubscribeMsgSentEvent', 'SubscribeMsgPopupEvent');
    expect(eventOf(raw).body.kind).toBe('send-finished');
  });

  it('the case of names does not matter', () => {
    const raw = fixture('scan.xml').replace('SCAN', 'scan');
    expect(eventOf(raw)).toEqual({ ...from('scan.xml'), raw });
  });
});

describe('keys', () => {
  it('a second delivery has the same key; events that differ in second, kind, key or id stay apart', () => {
    const click = fixture('click.xml');
    const variants = [
      click,
      click.replace(second, '1714112446'),
      click.replace('CLICK', 'VIEW'),
      click.replace('MY_POINTS', 'MY_ORDERS'),
      click.replace(user, 'oTEST0000000000000000000002'),
      fixture('template-success.xml'),
      fixture('template-blocked.xml'),
      fixture('notice-popup.xml'),
      fixture('notice-popup.xml').replace('accept', 'reject'),
    ];
    expect(new Set(variants.map((raw) => eventOf(raw).key)).size).toBe(variants.length);
    expect(eventOf(click).key).toBe(eventOf(`${click}`).key);
  });

  it('64-bit ids keep every digit', () => {
    const raw = fixture('text.json').replace('24540012345678911', '9223372036854775807');
    expect(eventOf(raw).key).toBe('9223372036854775807');
    expect(eventOf(raw.replace('9223372036854775807', '9223372036854775806')).key).toBe('9223372036854775806');
  });
});

describe('what cannot be read', () => {
  it.each([
    ['nothing parsed', '{"broken'],
    ['no sender', '<xml><MsgType>text</MsgType><CreateTime>1714112445</CreateTime></xml>'],
    ['a time that is none', fixture('text.xml').replace(second, 'yesterday')],
    ['no type', fixture('text.xml').replace(/<MsgType>.*<\/MsgType>/, '')],
  ])('%s: unknown, with a key of its own', (_name, raw) => {
    const event = eventOf(raw);
    expect(event).toMatchObject({ body: { kind: 'unknown' }, raw });
    expect(event.opens).toBeUndefined();
    expect(event.key).toMatch(/^unreadable\/[0-9a-f]{32}$/);
    expect(eventOf(`${raw} `).key).not.toBe(event.key);
  });

  it('any object at all becomes a valid event', () => {
    const names = [
      'MsgType',
      'Event',
      'FromUserName',
      'CreateTime',
      'EventKey',
      'MsgID',
      'Content',
      'List',
      'ScanCodeInfo',
    ];
    const kinds = fc.constantFrom(
      'text',
      'event',
      'image',
      'location',
      'constructor',
      '__proto__',
      'toString',
      '1714112445',
    );
    const values = fc.oneof(kinds, fc.jsonValue());
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), values), (fields) => {
        InboundEvent.parse(normalise({ account: 'shop', fields, raw: JSON.stringify(fields), receivedAt }));
      }),
      { numRuns: 500 },
    );
  });
});

describe('hostile sizes and names', () => {
  const event = (fields: Record<string, unknown>) =>
    normalise({
      account: 'shop',
      raw: '{}',
      receivedAt: new Date(0),
      fields: { FromUserName: 'u', CreateTime: 1700000000, MsgType: 'event', Event: 'scancode_push', ...fields },
    });

  it('a key stays short, and different ones stay apart', () => {
    const long = 'k'.repeat(100_000);
    const [one, other] = [event({ EventKey: `${long}1` }), event({ EventKey: `${long}2` })];
    expect(one.key.length).toBeLessThan(100);
    expect(one.key).not.toBe(other.key);
  });

  const deep = JSON.parse('{"a":'.repeat(50) + '1' + '}'.repeat(50)) as unknown;
  it.each([
    ['an operator', { $where: 1 }],
    ['a path', { 'a.b': 1 }],
    ['a NUL', { 'a\0b': 1 }],
    ['a prototype', JSON.parse('{"__proto__":{"x":1}}') as unknown],
    ['depth', deep],
  ])('%s in the data of a tap costs the data, not the event', (_name, ScanCodeInfo) => {
    expect(event({ EventKey: 'k', ScanCodeInfo }).body).toEqual({
      kind: 'menu-tapped',
      action: 'scancode_push',
      key: 'k',
    });
  });

  it('ordinary data stays', () => {
    const data = { ScanType: 'qrcode', ScanResult: '1' };
    expect(event({ EventKey: 'k', ScanCodeInfo: data }).body).toMatchObject({ data });
  });
});
