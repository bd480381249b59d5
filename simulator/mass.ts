/** Mass sends (docs/wechat.md 2.8): who is filtered out, the monthly four, and the totals pushed afterwards. */
import type { AccountCall } from './call.js';
import { checkMedia, checkText, objectOf, partOf, textOf, type Fields } from './checks.js';
import { shanghaiDay } from './clock.js';
import { PlatformError } from './errors.js';
import { push } from './push.js';
import { relationOf, type Account, type Relation, type World } from './state.js';
import { countMinute } from './tokens.js';

const MONTHLY = 4;

/** POST /cgi-bin/message/mass/send to 2..10,000 people. */
export function sendMass(call: AccountCall): unknown {
  const input = objectOf(call.body());
  const list = Array.isArray(input['touser']) ? (input['touser'] as unknown[]) : [];
  if (list.length < 2) throw new PlatformError(40130);
  if (list.length > 10_000) throw new PlatformError(40032);
  const people = list.map((openid) => relationOf(call.world, call.account.appId, openid));
  return submit(call, input, { total: list.length, people });
}

/** POST /cgi-bin/message/mass/sendall with `is_to_all`: once a day and four times a month. */
export function sendAll(call: AccountCall): unknown {
  const { world, account } = call;
  const input = objectOf(call.body());
  if (partOf(input, 'filter')['is_to_all'] !== true) throw new PlatformError(45159);
  const people = [...world.byOpenid.values()].filter((each) => each.appId === account.appId && each.subscribed);
  return submit(call, input, { total: people.length, people, toAll: true });
}

interface Audience {
  total: number;
  people: (Relation | undefined)[];
  toAll?: boolean;
}

function submit({ world, account }: AccountCall, input: Fields, audience: Audience): unknown {
  countMinute(world, account, { path: '/cgi-bin/message/mass', limit: 60 });
  const content = contentOf({ world, account, input });
  refuseRepeat(account, textOf(input, 'clientmsgid'));
  if (audience.toAll === true) countToAll(world, account);
  const msgId = String(3_000_000_000 + world.sequence());
  const clientId = textOf(input, 'clientmsgid');
  if (clientId !== '') account.clientMsgIds.set(`mass ${clientId}`, { at: world.clock.now(), msgId });
  const reached = audience.people.filter((each) => each !== undefined && mayReceive(world, account, each));
  for (const relation of reached) {
    if (relation === undefined) continue;
    world.say(relation, { from: 'account', route: 'mass', msgtype: textOf(input, 'msgtype'), content });
  }
  world.run(pushFinish({ world, account, msgId, total: audience.total, sent: reached.length }));
  return { errcode: 0, errmsg: 'send job submission success', msg_id: Number(msgId) };
}

function contentOf(input: { world: World; account: Account; input: Fields }): unknown {
  const msgtype = textOf(input.input, 'msgtype');
  if (msgtype === 'text') {
    const text = textOf(partOf(input.input, 'text'), 'content');
    checkText(text);
    return text;
  }
  if (msgtype === 'image') {
    const images = partOf(input.input, 'images');
    const ids = Array.isArray(images['media_ids']) ? (images['media_ids'] as unknown[]) : [];
    if (ids.length === 0) throw new PlatformError(40007);
    for (const id of ids) checkMedia({ ...input, id: String(id), types: ['image'] });
    return images;
  }
  if (!['mpnews', 'voice', 'mpvideo'].includes(msgtype)) throw new PlatformError(40008);
  checkMedia({ ...input, id: textOf(partOf(input.input, msgtype), 'media_id') });
  return partOf(input.input, msgtype);
}

function refuseRepeat(account: Account, id: string): void {
  const before = account.clientMsgIds.get(`mass ${id}`);
  if (id !== '' && before !== undefined) throw new PlatformError(45065, undefined, { msg_id: Number(before.msgId) });
}

function countToAll(world: World, account: Account): void {
  const day = shanghaiDay(world.clock.now());
  for (const [key, most] of [
    [`toAll ${day}`, 1],
    [`toAll ${day.slice(0, 7)}`, MONTHLY],
  ] as const) {
    if ((account.counters.get(key) ?? 0) >= most) throw new PlatformError(45028);
  }
  for (const key of [`toAll ${day}`, `toAll ${day.slice(0, 7)}`]) {
    account.counters.set(key, (account.counters.get(key) ?? 0) + 1);
  }
}

/** A person gets at most four a calendar month; a fifth fails for that person alone. */
function mayReceive(world: World, account: Account, relation: Relation): boolean {
  if (!relation.subscribed || relation.blocked) return false;
  const key = `mass ${relation.openid} ${shanghaiDay(world.clock.now()).slice(0, 7)}`;
  const used = account.counters.get(key) ?? 0;
  if (used >= MONTHLY) return false;
  account.counters.set(key, used + 1);
  return true;
}

async function pushFinish(input: {
  world: World;
  account: Account;
  msgId: string;
  total: number;
  sent: number;
}): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  await push(input.world, input.account, {
    openid: input.account.originalId,
    fields: {
      MsgType: 'event',
      Event: 'MASSSENDJOBFINISH',
      MsgID: input.msgId,
      Status: 'send success',
      TotalCount: input.total,
      FilterCount: input.sent,
      SentCount: input.sent,
      ErrorCount: 0,
    },
  });
}
