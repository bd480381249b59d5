/** Payload → InboundEvent, in XML and in JSON, with the platform's own irregularities. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalise } from '../../../src/channels/mini-program/normalise.js';
import { parseJsonObject } from '../../../src/channels/wechat/json.js';
import { parseXml } from '../../../src/channels/wechat/xml.js';
import { InboundEvent } from '../../../src/contracts/index.js';
import { fixture, receivedAt } from './parts.js';

const user = 'oMINI000000000000000000001';
const other = 'oMINI000000000000000000002';

function eventOf(raw: string): InboundEvent {
  const fields = raw.startsWith('{') ? parseJsonObject(raw) : parseXml(raw);
  return InboundEvent.parse(normalise({ account: 'mini', fields, raw, receivedAt }));
}
const from = (name: string): InboundEvent => eventOf(fixture(name));

describe('messages', () => {
  const picture = (platformId: string, n: number) => ({ platformId, url: `http://mmbiz.qpic.cn/mmbiz_jpg/mini/${n}` });
  it.each([
    ['text.xml', '70001', 45, { type: 'text', text: '这件有货吗？' }],
    ['image.xml', '70002', 46, { type: 'image', media: picture('media-mini-1', 0) }],
    [
      'miniprogrampage.xml',
      '70003',
      47,
      {
        type: 'mini-program-card',
        title: '蓝色外套',
        appId: 'wxb11529c136998cb7',
        pagePath: 'pages/product/index?id=p-1',
        thumb: { platformId: 'media-thumb-9', url: 'http://mmbiz.qpic.cn/thumb/0' },
      },
    ],
    [
      'link.xml',
      '70004',
      48,
      { type: 'link', title: '尺码表', description: '怎么选尺码', url: 'https://example.com/sizes?a=1&b=2' },
    ],
    ['text.json', '71001', 145, { type: 'text', text: '有 12345678901234567890 吗' }],
    ['image.json', '71002', 146, { type: 'image', media: picture('media-mini-2', 1) }],
    [
      'miniprogrampage.json',
      '71003',
      147,
      { type: 'mini-program-card', title: '外套', appId: 'wxb11529c136998cb7', pagePath: 'pages/product/index' },
    ],
  ])('%s', (name, last, second, content) => {
    const id = `245400123456${last}`;
    expect(from(name)).toEqual({
      key: id,
      from: { channel: 'mini-program', account: 'mini', user },
      at: new Date((1714112400 + second) * 1000),
      body: { kind: 'message', content, platformMessageId: id },
      opens: 'message',
      raw: fixture(name),
    });
  });
});

describe('events', () => {
  const answered = (where: string, ...answers: Array<[string, boolean]>) => ({
    kind: 'notices-answered',
    where,
    answers: answers.map(([templateId, accepted]) => ({ templateId, accepted })),
  });
  const sent = (platformId: string, status: string, detail: string) => ({
    kind: 'send-finished',
    platformId,
    status,
    detail,
  });
  it.each([
    ['enter.xml', { kind: 'chat-entered', from: 'order:SO-1001' }, 'enter', user],
    ['enter.json', { kind: 'chat-entered', from: 'voucher:V-1' }, 'enter', user],
    [
      'notice-popup.xml',
      answered('popup', ['tpl-dispatch', true], ['tpl-points', false], ['tpl-level', true]),
      undefined,
      user,
    ],
    ['notice-popup-one.json', answered('popup', ['tpl-dispatch', true]), undefined, user],
    ['notice-popup-several.json', answered('popup', ['tpl-dispatch', true], ['tpl-points', false]), undefined, user],
    ['notice-change.xml', answered('settings', ['tpl-dispatch', false]), undefined, user],
    ['notice-change.json', answered('settings', ['tpl-dispatch', false]), undefined, user],
    ['notice-sent.xml', sent('1700827132819554305', 'delivered', 'success'), undefined, user],
    ['notice-sent.json', sent('1700827132819554306', 'failed', 'failed'), undefined, user],
    ['revoke.xml', { kind: 'authorization-revoked', cancelled: false }, undefined, other],
    ['revoke.json', { kind: 'authorization-revoked', cancelled: false }, undefined, other],
    ['cancellation.xml', { kind: 'authorization-revoked', cancelled: true }, undefined, other],
    ['info-modified.xml', { kind: 'unknown', platformKind: 'user_info_modified' }, undefined, other],
    ['revoke-plugin.xml', { kind: 'unknown', platformKind: 'user_authorization_revoke' }, undefined, user],
  ])('%s', (name, body, opens, about) => {
    const event = from(name);
    expect({ body: event.body, opens: event.opens, user: event.from.user }).toEqual({ body, opens, user: about });
  });

  it('the change event in the wrapper of the pop-up, as in the platform’s own sample', () => {
    const raw = fixture('notice-change.xml').replaceAll('SubscribeMsgChangeEvent', 'SubscribeMsgPopupEvent');
    expect(eventOf(raw).body).toEqual(answered('settings', ['tpl-dispatch', false]));
  });

  it.each([
    ['no entries', ['"List":{', '"Lost":{']],
    ['an entry without a template', ['"TemplateId"', '"Template"']],
    ['an entry without an answer', ['"SubscribeStatusString"', '"Status"']],
  ] as const)('%s: unknown', (_name, [was, is]) => {
    expect(eventOf(fixture('notice-popup-one.json').replace(was, is)).body.kind).toBe('unknown');
  });

  it('who opens the chat from nowhere in particular', () => {
    expect(eventOf(fixture('enter.xml').replace(/<SessionFrom>.*<\/SessionFrom>/, '')).body).toEqual({
      kind: 'chat-entered',
      from: '',
    });
  });

  it('what opens nothing at an official account opens nothing here, and the other way round', () => {
    const click = fixture('enter.xml').replace('user_enter_tempsession', 'CLICK');
    expect(eventOf(click)).toMatchObject({ body: { kind: 'unknown', platformKind: 'CLICK' } });
    expect(eventOf(click).opens).toBeUndefined();
  });
});

describe('keys', () => {
  it('events of one second stay apart by what they say, the same said again does not', () => {
    const enter = fixture('enter.xml');
    const popup = fixture('notice-popup-one.json');
    const variants = [
      enter,
      enter.replace('SO-1001', 'SO-1002'),
      enter.replace('1714112449', '1714112450'),
      enter.replace(user, other),
      popup,
      popup.replace('accept', 'reject'),
      popup.replace('tpl-dispatch', 'tpl-points'),
      fixture('revoke.xml'),
      fixture('revoke.xml').replace(other, user),
    ];
    expect(new Set(variants.map((raw) => eventOf(raw).key)).size).toBe(variants.length);
    expect(eventOf(popup.replace('"PopupScene":"0",', '')).key).toBe(eventOf(popup).key);
  });

  it('any object at all becomes a valid event', () => {
    const names = ['MsgType', 'Event', 'FromUserName', 'CreateTime', 'OpenID', 'List', 'SessionFrom', 'Content'];
    const kinds = fc.constantFrom('event', 'user_authorization_revoke', 'subscribe_msg_popup_event', '1714112445');
    const values = fc.oneof(kinds, fc.jsonValue());
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), values), (fields) => {
        InboundEvent.parse(normalise({ account: 'mini', fields, raw: JSON.stringify(fields), receivedAt }));
      }),
      { numRuns: 300 },
    );
  });
});
