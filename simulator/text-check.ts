/** The check of texts that people wrote (docs/wechat.md 3.7), by a short list of words instead of a model. */
import { randomBytes } from 'node:crypto';
import type { AccountCall } from './call.js';
import { objectOf, textOf } from './checks.js';
import { PlatformError } from './errors.js';
import { relationOf } from './state.js';

const ACTIVE_MS = 2 * 3_600_000;
const MOST_CHARACTERS = 2500;

interface Rule {
  suggest: 'risky' | 'review';
  label: number;
  words: readonly string[];
}

/** Labels are the platform's: 10001 advertising, 20002 pornography, 20003 abuse, 20006 crime, 20008 fraud, 20012 vulgar. */
const rules: readonly Rule[] = [
  { suggest: 'risky', label: 20006, words: ['赌博', '枪支', '毒品'] },
  { suggest: 'risky', label: 20008, words: ['刷单返利', '稳赚不赔'] },
  { suggest: 'risky', label: 20002, words: ['色情', '裸聊'] },
  { suggest: 'risky', label: 20003, words: ['傻逼', '去死'] },
  { suggest: 'review', label: 10001, words: ['加微信', '代购', '招代理'] },
  { suggest: 'review', label: 20012, words: ['屌丝'] },
];

const NORMAL = { suggest: 'pass', label: 100 } as const;

/** POST /wxa/msg_sec_check, version 2 → `{errcode, errmsg, trace_id, result: {suggest, label}, detail}`. */
export function checkUserText({ world, account, body }: AccountCall): unknown {
  const input = objectOf(body());
  const content = textOf(input, 'content');
  if (content === '') throw new PlatformError(44004);
  if ([...content].length > MOST_CHARACTERS) throw new PlatformError(45002);
  const { version, scene } = input;
  if (Number(version) !== 2 || ![1, 2, 3, 4].includes(Number(scene))) throw new PlatformError(40097);
  checkVisitor({ world, account, openid: textOf(input, 'openid') });
  const texts = [content, textOf(input, 'title'), textOf(input, 'nickname'), textOf(input, 'signature')];
  return { errcode: 0, errmsg: 'ok', trace_id: randomBytes(16).toString('hex'), ...judge(texts.join('\n')) };
}

/** Somebody who was in the mini-program in the last two hours. */
function checkVisitor({ world, account, openid }: Pick<AccountCall, 'world' | 'account'> & { openid: string }): void {
  const relation = relationOf(world, account.appId, openid);
  if (relation === undefined) throw new PlatformError(world.byOpenid.has(openid) ? 43104 : 40003);
  if (world.clock.now() - relation.visitedAt > ACTIVE_MS) throw new PlatformError(61010);
}

/** The label of what no censor lets pass, or undefined. A mass send is looked at by the same list. */
export function riskOf(text: string): number | undefined {
  return rules.find(({ suggest, words }) => suggest === 'risky' && words.some((word) => text.includes(word)))?.label;
}

function judge(text: string) {
  const hit = rules
    .map((rule) => ({ ...rule, keyword: rule.words.find((word) => text.includes(word)) }))
    .find((rule) => rule.keyword !== undefined);
  const { suggest, label } = hit ?? NORMAL;
  const model = { strategy: 'content_model', errcode: 0, suggest, label, prob: hit === undefined ? 90 : 95 };
  const word = hit === undefined ? [] : [{ strategy: 'keyword', errcode: 0, suggest, label, keyword: hit.keyword }];
  return { result: { suggest, label }, detail: [model, ...word] };
}
