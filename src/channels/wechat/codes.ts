/**
 * What each error code of the platform means for us: the one table from which sends and other calls take their outcome. Pure.
 * Codes are branched on, never messages: the texts change. An answer with a code means that the platform did nothing, so a code is never
 * `unknown`. https://developers.weixin.qq.com/doc/service/guide/dev/api/errcode.html
 */
import type { CallResult, RefusalScope, SendResult } from '../../contracts/index.js';
import { dayMs, hourMs, minuteMs, secondMs } from './times.js';
import { text } from './fields.js';
import type { Fields } from './xml.js';

export type CodeAction =
  /** The access token is no longer good: fetch another once and call again once. */
  | { act: 'refresh' }
  | { act: 'retry'; reason: string; scope: 'message' | 'account'; afterMs: number | 'nextDay' }
  | { act: 'refuse'; reason: string; scope: RefusalScope; blocked?: 'unfollowed' | 'blocked' | 'frozen' }
  /** Already done earlier: nothing is left to do. */
  | { act: 'done' };

const refresh: CodeAction = { act: 'refresh' };
const done: CodeAction = { act: 'done' };
const retry = (reason: string, scope: 'message' | 'account', afterMs: number | 'nextDay'): CodeAction => ({
  act: 'retry',
  reason,
  scope,
  afterMs,
});
const refuse = (reason: string, scope: RefusalScope): CodeAction => ({ act: 'refuse', reason, scope });
const unreachable = (reason: string, blocked: 'unfollowed' | 'blocked' | 'frozen'): CodeAction => ({
  act: 'refuse',
  reason,
  scope: 'person',
  blocked,
});

const configuration = refuse('account.configuration', 'account');
const rows: ReadonlyArray<readonly [CodeAction, readonly number[]]> = [
  [refresh, [40001, 40014, 41001, 42001]],

  [retry('platform.busy', 'message', 5 * secondMs), [-1, 61450]],
  [retry('platform.minuteLimit', 'account', minuteMs), [45011]],
  [retry('platform.dailyLimit', 'account', 'nextDay'), [45009]],
  [retry('platform.tooFast', 'message', minuteMs), [45066, 43108]],

  [unreachable('person.unfollowed', 'unfollowed'), [40003, 43004, 46004, 50005]],
  [unreachable('person.blocked', 'blocked'), [43019, 48002]],
  [unreachable('person.frozen', 'frozen'), [40226, 50002]],
  [refuse('window.closed', 'window'), [45015]],
  [refuse('window.used', 'window'), [45047]],
  // The person can open this one again too, by asking for the notice once more; it has nothing to do with customer messages.
  [refuse('notice.notGranted', 'window'), [43101]],

  [configuration, [40002, 40013, 40125, 40164, 40243, 41002, 41004, 43002]],
  [configuration, [43107, 48001, 48003, 48004, 48006, 48008, 50001, 61003, 61004, 61007]],
  [configuration, [89501, 89503, 89506, 89507]],
  [refuse('account.quota', 'account'), [45029, 45056, 1400001]],
  [refuse('massSend.noQuota', 'account'), [45028]],
  [refuse('massSend.tooFew', 'message'), [40130]],
  [refuse('massSend.tooMany', 'message'), [40032]],
  [refuse('template.configuration', 'message'), [40037, 45026, 45027, 45109]],
  [refuse('template.configuration', 'message'), Array.from({ length: 11 }, (_, index) => 200011 + index)],
  [refuse('content.media', 'message'), [40004, 40005, 40006, 40007, 40009, 40010, 40011, 40012, 41005, 41006, 45001]],
  [refuse('content.refused', 'message'), [40008, 44004, 45002, 45008, 45157, 45158, 47001, 47003]],
  [refuse('content.refused', 'message'), [40097, 40129, 40165, 40169, 40212, 41030, 45168, 85079, 87014]],

  // 40163 and 41051 count as done only for who already holds the result; here nobody does, so the first stays a bad code.
  [done, [45065, 45081, 41051]],
  [refuse('code.invalid', 'message'), [40029, 40030, 41008, 42002, 42003, 42007, 87009]],
  [refuse('code.used', 'message'), [40163]],
  // A text is checked for people who were here lately.
  [refuse('person.notActive', 'message'), [43104, 61010]],
];

const table: ReadonlyMap<number, CodeAction> = new Map(
  rows.flatMap(([action, codes]) => codes.map((code) => [code, action] as const)),
);

/** Every code of the table, for tests and for the list of reasons in the docs. */
export const knownCodes: readonly number[] = [...table.keys()];

/** A code that is in no list was answered, so nothing was done; it concerns this one message until somebody looks. */
export const actionOf = (code: number): CodeAction => table.get(code) ?? refuse('platform.refused', 'message');

/** What the platform answered instead of a success. */
export interface PlatformError {
  code: number;
  message: string;
}

/** Undefined when the body is a success: many calls answer without any `errcode`. */
export function errorIn(body: Fields): PlatformError | undefined {
  const written = text(body['errcode']);
  if (written === undefined || Number(written) === 0) return undefined;
  return { code: Number(written), message: text(body['errmsg']) ?? '' };
}

/** Outcome of a send that the platform answered with a code. `now` is business time. */
export function sendResultOf(error: PlatformError, now: Date): SendResult {
  const action = actionOf(error.code);
  const detail = detailOf(error, action);
  switch (action.act) {
    case 'done':
      return { outcome: 'sent' };
    case 'retry':
      return {
        outcome: 'retry',
        reason: action.reason,
        detail,
        scope: action.scope,
        afterMs: delay(action.afterMs, now),
      };
    case 'refresh':
      return { outcome: 'refused', reason: 'account.configuration', detail, scope: 'account' };
    case 'refuse': {
      const { reason, scope, blocked } = action;
      return { outcome: 'refused', reason, detail, scope, ...(blocked ? { blocked } : {}) };
    }
  }
}

/** Outcome of any other call that was answered with a code. Call it after `refresh` was tried: it is then a configuration error. */
export function callFailureOf(error: PlatformError, now: Date): Extract<CallResult<never>, { ok: false }> {
  const result = sendResultOf(error, now);
  switch (result.outcome) {
    case 'retry':
      return { ok: false, reason: result.reason, detail: result.detail ?? '', retryAfterMs: result.afterMs };
    case 'refused':
      return { ok: false, reason: result.reason, detail: result.detail ?? '' };
    case 'sent':
    case 'submitted':
    case 'unknown':
      return { ok: false, reason: 'platform.refused', detail: detailOf(error, actionOf(error.code)) };
  }
}

const shanghaiOffsetMs = 8 * hourMs;

/** The platform's days end at midnight in Asia/Shanghai, which has had one offset since 1991. A minute's margin for its clocks. */
function delay(afterMs: number | 'nextDay', now: Date): number {
  if (afterMs !== 'nextDay') return afterMs;
  return dayMs - ((now.getTime() + shanghaiOffsetMs) % dayMs) + minuteMs;
}

/** Code and request id; the platform's sentence only where an operator must act on it, since others may quote the message. */
function detailOf({ code, message }: PlatformError, action: CodeAction): string {
  const forOperator = action.act === 'refresh' || (action.act === 'refuse' && action.scope === 'account');
  if (forOperator) return `${code} ${message}`.trim().slice(0, 200);
  const rid = /\brid: ?([\w-]+)/.exec(message)?.[1];
  return rid ? `${code} rid: ${rid}` : String(code);
}
