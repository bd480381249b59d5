/** The table of codes: every listed code and what becomes of a send that got it. */
import { describe, expect, it } from '@jest/globals';
import { callFailureOf, errorIn, knownCodes, sendResultOf } from '../../../src/channels/wechat/codes.js';

const now = new Date('2026-03-01T02:00:00Z');
const rid = '6a1b2c3d-12345678-9abcdef0';
const send = (code: number, message = `some text rid: ${rid}`) => sendResultOf({ code, message }, now);
const refused = (reason: string, scope: string, more: object = {}) => ({ outcome: 'refused', reason, scope, ...more });
const retry = (reason: string, scope: string, afterMs: number) => ({ outcome: 'retry', reason, scope, afterMs });
/** 10:00 in Shanghai: 14 hours to midnight, and a minute of margin. */
const untilTomorrow = 14 * 3_600_000 + 60_000;

const expected: Array<[object, number[]]> = [
  [retry('platform.busy', 'message', 5000), [-1, 61450]],
  [retry('platform.minuteLimit', 'account', 60_000), [45011]],
  [retry('platform.dailyLimit', 'account', untilTomorrow), [45009]],
  [retry('platform.tooFast', 'message', 60_000), [45066, 43108]],
  [refused('person.unfollowed', 'person', { blocked: 'unfollowed' }), [40003, 43004, 46004, 50005]],
  [refused('person.blocked', 'person', { blocked: 'blocked' }), [43019, 48002]],
  [refused('person.frozen', 'person', { blocked: 'frozen' }), [40226, 50002]],
  [refused('window.closed', 'window'), [45015]],
  [refused('window.used', 'window'), [45047]],
  [refused('notice.notGranted', 'window'), [43101]],
  [
    refused('account.configuration', 'account'),
    [
      40001, 40014, 41001, 42001, 40013, 40125, 40164, 40002, 40243, 41002, 41004, 43002, 43107, 48001, 48003, 48004,
      48006, 48008, 50001, 61003, 61004, 61007, 89501, 89503, 89506, 89507,
    ],
  ],
  [refused('account.quota', 'account'), [45029, 45056, 1400001]],
  [refused('massSend.noQuota', 'account'), [45028]],
  [refused('massSend.tooFew', 'message'), [40130]],
  [refused('massSend.tooMany', 'message'), [40032]],
  [
    refused('template.configuration', 'message'),
    [
      40037, 45026, 45027, 45109, 200011, 200012, 200013, 200014, 200015, 200016, 200017, 200018, 200019, 200020,
      200021,
    ],
  ],
  [refused('content.media', 'message'), [40004, 40005, 40006, 40007, 40009, 40010, 40011, 40012, 41005, 41006, 45001]],
  [
    refused('content.refused', 'message'),
    [
      40008, 44004, 45002, 45008, 45157, 45158, 47001, 47003, 41030, 40097, 40129, 40165, 40169, 40212, 45168, 85079,
      87014,
    ],
  ],
  [refused('code.invalid', 'message'), [40029, 41008, 42003, 40030, 42002, 42007, 87009]],
  [refused('code.used', 'message'), [40163]],
  [refused('person.notActive', 'message'), [43104, 61010]],
  [{ outcome: 'sent' }, [45065, 45081, 41051]],
];

describe('sends', () => {
  it.each(expected.flatMap(([result, codes]) => codes.map((code) => [code, result] as const)))('%i', (code, result) => {
    expect(send(code)).toMatchObject(result);
  });

  it('the rows above are the whole table', () => {
    expect([...knownCodes].sort()).toEqual(expected.flatMap(([, codes]) => codes).sort());
    expect(new Set(knownCodes).size).toBe(knownCodes.length);
  });

  it('a code nobody listed was an answer all the same: refused, for this message', () => {
    expect(send(99999)).toEqual({ ...refused('platform.refused', 'message'), detail: `99999 rid: ${rid}` });
  });

  it('no code is ever unknown', () => {
    expect([...knownCodes, 1, 99999].map((code) => send(code).outcome)).not.toContain('unknown');
  });

  it.each([
    ['2026-03-01T15:59:59.000Z', 61_000],
    ['2026-03-01T16:00:00.000Z', 86_400_000 + 60_000],
    ['2026-12-31T15:00:00.000Z', 3_600_000 + 60_000],
  ])('the day quota ends with the day in Shanghai: %s', (at, afterMs) => {
    expect(sendResultOf({ code: 45009, message: '' }, new Date(at))).toMatchObject({ afterMs });
  });
});

describe('details', () => {
  it('code and request id for what concerns a message, the whole sentence for what an operator must set right', () => {
    expect(send(45002, `content size out of limit: secret words rid: ${rid}`)).toMatchObject({
      detail: `45002 rid: ${rid}`,
    });
    expect(send(45015, 'response out of time limit')).toMatchObject({ detail: '45015' });
    expect(send(40164, `invalid ip 1.2.3.4, not in whitelist rid: ${rid}`)).toMatchObject({
      detail: `40164 invalid ip 1.2.3.4, not in whitelist rid: ${rid}`,
    });
  });
});

describe('other calls', () => {
  it.each([
    [-1, { ok: false, reason: 'platform.busy', detail: '-1', retryAfterMs: 5000 }],
    [45009, { ok: false, reason: 'platform.dailyLimit', detail: '45009', retryAfterMs: untilTomorrow }],
    [40001, { ok: false, reason: 'account.configuration', detail: '40001' }],
    [40003, { ok: false, reason: 'person.unfollowed', detail: '40003' }],
  ])('%i', (code, result) => {
    expect(callFailureOf({ code, message: '' }, now)).toEqual(result);
  });
});

describe('errors in bodies', () => {
  it.each([
    [{ openid: 'o' }, undefined],
    [{ errcode: 0, errmsg: 'ok' }, undefined],
    [{ errcode: '0' }, undefined],
    [
      { errcode: 40003, errmsg: 'invalid openid' },
      { code: 40003, message: 'invalid openid' },
    ],
    [{ errcode: '-1' }, { code: -1, message: '' }],
  ])('%j', (body, error) => {
    expect(errorIn(body)).toEqual(error);
  });
});
