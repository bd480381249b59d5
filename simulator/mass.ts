/** Mass sends (docs/wechat.md 2.8): the calls that take them, ask about them and preview them, and the console that spends beside the API. */
import type { AccountCall } from './call.js';
import { checkMedia, checkText, objectOf, partOf, textOf, type Fields } from './checks.js';
import { PlatformError } from './errors.js';
import { runMass } from './mass-job.js';
import { takeMass, takeToAll } from './mass-quota.js';
import { relationOf, type Account, type MassJob, type Relation, type World } from './state.js';
import { countDaily, countMinute } from './tokens.js';

const FEWEST = 2;
const MOST = 10_000;
const A_MINUTE = 60;
const SAME_ID_MS = 60_000;
const LONGEST_ID_BYTES = 64;
const PREVIEWS_A_DAY = 100;

/** POST /cgi-bin/message/mass/send to 2..10,000 people; who is not known here counts as filtered out. */
export function sendMass(call: AccountCall): unknown {
  const input = objectOf(call.body());
  const list = Array.isArray(input['touser']) ? (input['touser'] as unknown[]) : [];
  if (list.some((each) => typeof each !== 'string')) throw new PlatformError(40031);
  const openids = [...new Set(list)];
  if (openids.length < FEWEST) throw new PlatformError(40130);
  if (openids.length > MOST) throw new PlatformError(40032);
  const people = openids.map((openid) => relationOf(call.world, call.account.appId, openid));
  return submit(call, input, { total: openids.length, people });
}

/** POST /cgi-bin/message/mass/sendall with `is_to_all`: once a day and four times a month. */
export function sendAll(call: AccountCall): unknown {
  const input = objectOf(call.body());
  if (partOf(input, 'filter')['is_to_all'] !== true) throw new PlatformError(45159);
  const people = followersOf(call.world, call.account);
  return submit(call, input, { total: people.length, people, toAll: true });
}

/** POST /cgi-bin/message/mass/get. */
export function getMass({ world, account, body }: AccountCall): unknown {
  const msgId = String(objectOf(body())['msg_id'] ?? '');
  const job = world.massJobs.get(msgId);
  if (job?.appId !== account.appId) throw new PlatformError(40097);
  return { msg_id: Number(msgId), msg_status: job.status };
}

/** POST /cgi-bin/message/mass/preview to one follower, at once; uses none of the month's four. */
export function previewMass({ world, account, body }: AccountCall): unknown {
  const input = objectOf(body());
  const relation = relationOf(world, account.appId, input['touser']);
  if (relation === undefined) throw new PlatformError(40003);
  const content = contentOf({ world, account, input });
  if (!relation.subscribed) throw new PlatformError(43004);
  countDaily(world, account, 'mass preview', PREVIEWS_A_DAY);
  if (!relation.blocked)
    world.say(relation, { from: 'account', route: 'mass', msgtype: textOf(input, 'msgtype'), content });
  return { errcode: 0, errmsg: 'preview success', msg_id: newId(world) };
}

/** A send from the platform's own console: to those named, or to everybody. It counts for the four like one of the API and is pushed to nobody. */
export function consoleMass(
  world: World,
  account: Account,
  { text, openids }: { text: string; openids?: readonly string[] | undefined },
): { total: number; sent: number } {
  const people = openids?.map((openid) => relationOf(world, account.appId, openid)) ?? followersOf(world, account);
  const reached = present(people).filter((each) => takeMass(account, each, world.clock.now()));
  for (const relation of reached)
    world.say(relation, { from: 'account', route: 'mass', msgtype: 'text', content: text });
  return { total: people.length, sent: reached.length };
}

const followersOf = (world: World, account: Account): Relation[] =>
  [...world.byOpenid.values()].filter((each) => each.appId === account.appId && each.subscribed);

const present = (people: readonly (Relation | undefined)[]): Relation[] => people.filter((each) => each !== undefined);

const newId = (world: World): number => 3_000_000_000 + world.sequence();

interface Audience {
  total: number;
  people: (Relation | undefined)[];
  toAll?: boolean;
}

function submit({ world, account }: AccountCall, input: Fields, audience: Audience): unknown {
  countMinute(world, account, { path: '/cgi-bin/message/mass', limit: A_MINUTE });
  const content = contentOf({ world, account, input });
  const clientId = textOf(input, 'clientmsgid');
  if (Buffer.byteLength(clientId) > LONGEST_ID_BYTES) throw new PlatformError(45067);
  refuseRepeat(world, account, clientId);
  if (audience.toAll === true) takeToAll(world, account);
  const takenAt = world.clock.now();
  const msgId = String(newId(world));
  if (clientId !== '') account.clientMsgIds.set(`mass ${clientId}`, { at: takenAt, msgId });
  const job: MassJob = { msgId, appId: account.appId, status: 'SENDING' };
  world.massJobs.set(msgId, job);
  const people = present(audience.people).filter((each) => takeMass(account, each, takenAt));
  const { total } = audience;
  world.run(runMass({ world, account, job, people, takenAt, total, msgtype: textOf(input, 'msgtype'), content }));
  return { errcode: 0, errmsg: 'send job submission success', msg_id: Number(msgId) };
}

/** What the phones show: a text as it is, an article with what the account wrote in it, anything else as the platform's own object. */
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
  if (msgtype === 'mpnews') return articleOf(input.account, textOf(partOf(input.input, 'mpnews'), 'media_id'));
  if (!['voice', 'mpvideo'].includes(msgtype)) throw new PlatformError(40008);
  checkMedia({ ...input, id: textOf(partOf(input.input, msgtype), 'media_id') });
  return partOf(input.input, msgtype);
}

/** An account registered without its articles takes every id as one of them. */
function articleOf(account: Account, id: string): unknown {
  const article = account.articles?.find((each) => each.mediaId === id);
  if (id === '' || (article === undefined && account.articles !== undefined)) throw new PlatformError(40007);
  const { title = '', description = '', url = '', picurl = '' } = article ?? {};
  return { media_id: id, articles: [{ title, description, url, picurl }] };
}

/**
 * 45065 with the earlier `msg_id`; who asks again within a minute of that answer is told to wait: 45066. When exactly the platform answers
 * the second is not documented, so a client has to know both.
 */
function refuseRepeat(world: World, account: Account, id: string): void {
  const before = id === '' ? undefined : account.clientMsgIds.get(`mass ${id}`);
  if (before === undefined) return;
  const now = world.clock.now();
  if (now - (before.repeatedAt ?? Number.NEGATIVE_INFINITY) < SAME_ID_MS) throw new PlatformError(45066);
  before.repeatedAt = now;
  throw new PlatformError(45065, undefined, { msg_id: Number(before.msgId) });
}
