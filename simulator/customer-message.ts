/** Customer messages and the typing sign (docs/wechat.md 2.5): who may be written to, with what, and how often. */
import type { AccountCall } from './call.js';
import { checkMedia, checkText, objectOf, partOf, refuseEscapes, textOf, type Fields } from './checks.js';
import { spendCredit } from './credits.js';
import { PlatformError } from './errors.js';
import { checkPage } from './notice.js';
import { isReachable, relationOf, type Account, type World } from './state.js';

const OK = { errcode: 0, errmsg: 'ok' };
const TYPING_MS = 15_000;
const TYPING_AFTER_ACTION_MS = 30_000;

interface Check {
  world: World;
  account: Account;
  part: Fields;
}

/** Each message type: checks its object and gives what the phone shows. */
const kinds: Record<string, (check: Check) => unknown> = {
  text: textKind,
  image: (check) => mediaKind(check, 'image'),
  voice: (check) => mediaKind(check, 'voice'),
  video: (check) => {
    checkMedia({ ...check, id: textOf(check.part, 'thumb_media_id'), types: ['thumb', 'image'] });
    return mediaKind(check, 'video');
  },
  music: (check) => {
    checkMedia({ ...check, id: textOf(check.part, 'thumb_media_id'), types: ['thumb', 'image'] });
    return check.part;
  },
  news: ({ part }) => {
    const articles = Array.isArray(part['articles']) ? (part['articles'] as unknown[]) : [];
    if (articles.length !== 1) throw new PlatformError(articles.length === 0 ? 44004 : 45008);
    if (textOf(objectOf(articles[0]), 'title') === '') throw new PlatformError(47003);
    return part;
  },
  mpnews: (check) => mediaKind(check),
  mpnewsarticle: ({ part }) => needs(part, 'article_id'),
  wxcard: ({ part }) => needs(part, 'card_id'),
  msgmenu: ({ part }) => {
    const list = Array.isArray(part['list']) ? (part['list'] as unknown[]) : [];
    const good = list.every((item) => {
      const entry = objectOf(item);
      return ['string', 'number'].includes(typeof entry['id']) && textOf(entry, 'content') !== '';
    });
    if (list.length === 0 || !good) throw new PlatformError(47003);
    return part;
  },
  miniprogrampage: (check) => {
    checkMedia({ ...check, id: textOf(check.part, 'thumb_media_id'), types: ['thumb', 'image'] });
    return needs(needs(check.part, 'appid'), 'pagepath');
  },
};

/** A mini-program knows four types; its cards open its own pages and name no app id. */
const miniKinds: typeof kinds = {
  text: textKind,
  image: (check) => mediaKind(check, 'image'),
  link: ({ part }) => needs(needs(part, 'title'), 'url'),
  miniprogrampage: (check) => {
    checkMedia({ ...check, id: textOf(check.part, 'thumb_media_id'), types: ['thumb', 'image'] });
    const page = needs(needs(check.part, 'title'), 'pagepath');
    checkPage(check.account, textOf(page, 'pagepath'));
    return page;
  },
};

function textKind({ part }: Check): string {
  checkText(textOf(part, 'content'));
  return textOf(part, 'content');
}

function mediaKind(check: Check, type?: string): Fields {
  checkMedia({ ...check, id: textOf(check.part, 'media_id'), ...(type === undefined ? {} : { types: [type] }) });
  return check.part;
}

function needs(part: Fields, key: string): Fields {
  if (textOf(part, key) === '') throw new PlatformError(47003, `argument invalid! ${key} is empty`);
  return part;
}

/** POST /cgi-bin/message/custom/send. Checks the message first, then the person, then the credit. */
export function sendCustomerMessage({ world, account, raw, body }: AccountCall): unknown {
  refuseEscapes(raw);
  const input = objectOf(body());
  const msgtype = textOf(input, 'msgtype');
  const known = account.kind === 'mini-program' ? miniKinds : kinds;
  const kind = Object.hasOwn(known, msgtype) ? known[msgtype] : undefined;
  if (kind === undefined) throw new PlatformError(40008);
  const relation = relationOf(world, account.appId, input['touser']);
  if (relation === undefined) throw new PlatformError(40003);
  const content = kind({ world, account, part: partOf(input, msgtype) });
  checkAgent(input);
  if (!isReachable(account, relation)) throw new PlatformError(45015);
  if (relation.blocked) throw new PlatformError(48002);
  const spend = spendCredit(relation.credits, world.clock.now());
  if (!spend.ok) throw new PlatformError(spend.errcode);
  relation.credits = spend.credits;
  if (relation.typingUntil > 0) world.changed({ type: 'typing', openid: relation.openid, typing: false });
  relation.typingUntil = 0;
  world.say(relation, { from: 'account', route: 'customer', msgtype, content });
  return OK;
}

function checkAgent(input: Fields): void {
  if (input['customservice'] === undefined) return;
  if (!/^.+@.+$/.test(textOf(partOf(input, 'customservice'), 'kf_account'))) throw new PlatformError(65401);
}

/** POST /cgi-bin/message/custom/typing. */
export function typing({ world, account, body }: AccountCall): unknown {
  const input = objectOf(body());
  const relation = relationOf(world, account.appId, input['touser']);
  if (relation === undefined) throw new PlatformError(40003);
  const command = input['command'];
  if (command !== 'Typing' && command !== 'CancelTyping') throw new PlatformError(45072);
  const now = world.clock.now();
  if (command === 'Typing') {
    if (now - relation.lastActionAt > TYPING_AFTER_ACTION_MS) throw new PlatformError(45080);
    if (relation.typingUntil > now) throw new PlatformError(45081);
  }
  relation.typingUntil = command === 'Typing' ? now + TYPING_MS : 0;
  world.changed({ type: 'typing', openid: relation.openid, typing: command === 'Typing' });
  return OK;
}
