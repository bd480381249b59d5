/**
 * What a person does on the phone: each action changes the person's state, opens its credit (docs/wechat.md 2.5) and
 * pushes its message or event (1.4, 1.5). The control API and the phone page both call these.
 */
import { openCredit, type CreditKind } from './credits.js';
import { fileUrl, keepMedia } from './media.js';
import { push, type PushOutcome } from './push.js';
import { codeForScene, findCode, isLive } from './qrcode.js';
import { isReachable, type Account, type AccountKind, type MenuButton, type Relation, type World } from './state.js';
import type { Fields } from './wire.js';

/** `opens`: the page of a mini-program that the action brings up. */
export type ActionResult =
  | (PushOutcome & { opens?: { appId: string; page: string; query: string } })
  | { refused: { code: string; detail: string; status: number } };

export interface Actor {
  world: World;
  account: Account;
  relation: Relation;
}

const refused = (code: string, detail: string, status = 409): ActionResult => ({ refused: { code, detail, status } });

/** The person does something: from now on the platform counts from here, and a credit may open. */
export function act({ world, relation }: Actor, kind: CreditKind | null): void {
  const now = world.clock.now();
  relation.lastActionAt = now;
  if (kind !== null) relation.credits = openCredit(relation.credits, kind, now, world.options.creditRules);
}

function pushEvent(actor: Actor, fields: Fields, interactive = true): Promise<PushOutcome> {
  const { world, account, relation } = actor;
  return push(world, account, { openid: relation.openid, fields: { MsgType: 'event', ...fields }, interactive });
}

/** subscribe (1.5); with a scene as by scanning its code. */
export async function follow(actor: Actor, scene?: string): Promise<ActionResult> {
  const { world, relation } = actor;
  if (actor.account.kind === 'mini-program') return refused('not.followable', 'nobody follows a mini-program');
  if (relation.subscribed) return refused('already.following', 'this person already follows the account');
  const ticket = scene === undefined ? { ok: true as const, ticket: undefined } : ticketOf(actor, scene);
  if (!ticket.ok) return refused('code.expired', 'the code with this scene has expired');
  relation.subscribed = true;
  relation.subscribedAt = world.clock.now();
  relation.scene = scene ?? '';
  relation.subscribeScene = scene === undefined ? 'ADD_SCENE_SEARCH' : 'ADD_SCENE_QR_CODE';
  act(actor, 'follow');
  world.changed({ type: 'people' });
  const key = scene === undefined ? '' : `qrscene_${scene}`;
  return pushEvent(actor, { Event: 'subscribe', EventKey: key, Ticket: ticket.ticket });
}

/** unsubscribe (1.5): every credit is gone and nothing can be answered. */
export async function unfollow(actor: Actor): Promise<ActionResult> {
  const { world, relation } = actor;
  if (!relation.subscribed) return refused('not.following', 'this person does not follow the account');
  relation.subscribed = false;
  relation.credits = [];
  relation.typingUntil = 0;
  world.changed({ type: 'people' });
  return pushEvent(actor, { Event: 'unsubscribe', EventKey: '' }, false);
}

/** SCAN for a follower; for anybody else scanning is following (1.5). */
export async function scan(actor: Actor, scene: string): Promise<ActionResult> {
  if (!actor.relation.subscribed) return follow(actor, scene);
  const ticket = ticketOf(actor, scene);
  if (!ticket.ok) return refused('code.expired', 'the code with this scene has expired');
  act(actor, 'scan');
  return pushEvent(actor, { Event: 'SCAN', EventKey: scene, Ticket: ticket.ticket });
}

function ticketOf({ world, account }: Actor, scene: string): { ok: true; ticket: string } | { ok: false } {
  const known = findCode(world, account.appId, scene);
  if (known !== undefined && !isLive(world, known)) return { ok: false };
  return { ok: true, ticket: codeForScene(world, account.appId, scene).ticket };
}

export type Said = { createTime?: number | undefined; msgId?: string | undefined } & (
  | { type: 'text'; content: string }
  | { type: 'image' | 'voice'; base64?: string | undefined; contentType?: string | undefined }
  | { type: 'location'; latitude: number; longitude: number; scale: number; label: string }
  | { type: 'link'; title: string; description: string; url: string }
  | { type: 'miniprogrampage'; title: string; pagePath: string; thumbUrl: string }
);

const saidTo: Record<AccountKind, readonly Said['type'][]> = {
  'official-account': ['text', 'image', 'voice', 'location', 'link'],
  'mini-program': ['text', 'image', 'miniprogrampage'],
};

/** A message of the person (1.4). */
export async function say(actor: Actor, said: Said): Promise<ActionResult> {
  const types = saidTo[actor.account.kind];
  if (!types.includes(said.type)) return refused('type.unsupported', `this chat takes ${types.join(', ')}`);
  if (!isReachable(actor.account, actor.relation))
    return refused('not.following', 'only a follower can write to the account');
  act(actor, 'message');
  const { fields, content } = messageOf(actor, said);
  return pushMessage(actor, { msgtype: said.type, fields, content, said });
}

interface Sent {
  msgtype: string;
  fields: Fields;
  content: unknown;
  said?: Pick<Said, 'createTime' | 'msgId'>;
}

function pushMessage({ world, account, relation }: Actor, sent: Sent): Promise<PushOutcome> {
  world.say(relation, { from: 'person', route: null, msgtype: sent.msgtype, content: sent.content });
  const MsgId = sent.said?.msgId ?? world.messageId();
  const fields = { MsgType: sent.msgtype, ...sent.fields, MsgId };
  const createTime = sent.said?.createTime;
  return push(world, account, { openid: relation.openid, fields, createTime, interactive: true });
}

function messageOf(actor: Actor, said: Said): { fields: Fields; content: unknown } {
  switch (said.type) {
    case 'text':
      return { fields: { Content: said.content }, content: said.content };
    case 'image':
    case 'voice':
      return fileMessage(actor, said);
    case 'location': {
      const { latitude, longitude, scale, label } = said;
      const fields = { Location_X: latitude, Location_Y: longitude, Scale: scale, Label: label };
      return { fields, content: { latitude, longitude, scale, label } };
    }
    case 'miniprogrampage':
      return pageMessage(actor, said);
    case 'link': {
      const { title, description, url } = said;
      return { fields: { Title: title, Description: description, Url: url }, content: { title, description, url } };
    }
  }
}

/** A card of a page of the mini-program itself (1.4). */
function pageMessage({ account }: Actor, said: Extract<Said, { type: 'miniprogrampage' }>) {
  const { title, pagePath, thumbUrl } = said;
  const fields = { Title: title, AppId: account.appId, PagePath: pagePath, ThumbUrl: thumbUrl, ThumbMediaId: '' };
  return { fields, content: { title, appid: account.appId, pagepath: pagePath } };
}

/** A one-pixel PNG and an empty AMR file: what is sent when the caller gives no bytes. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const SILENCE = Buffer.from('#!AMR\n').toString('base64');

function fileMessage(actor: Actor, said: Extract<Said, { type: 'image' | 'voice' }>) {
  const { world, account } = actor;
  const usual = said.type === 'image' ? { type: 'image/png', data: PIXEL } : { type: 'audio/amr', data: SILENCE };
  const bytes = Buffer.from(said.base64 ?? usual.data, 'base64');
  const contentType = said.contentType ?? usual.type;
  const media = keepMedia(world, { appId: account.appId, type: said.type, contentType, bytes });
  const fields: Fields =
    said.type === 'image'
      ? { PicUrl: fileUrl(world, media.id), MediaId: media.id }
      : { MediaId: media.id, Format: 'amr', Recognition: '' };
  return { fields, content: { media_id: media.id } };
}

/** A tap on an entry of the menu at the bottom: CLICK, VIEW or a scan entry (1.5). Only clicks open a credit (2.5). */
export async function tapMenu(actor: Actor, key: string): Promise<ActionResult> {
  const { account, relation } = actor;
  if (!relation.subscribed) return refused('not.following', 'only a follower sees the menu');
  const button = findButton(account.menu, key);
  if (button === undefined && account.menu.length > 0) {
    return refused('menu.unknown', 'no entry of the menu has this key', 404);
  }
  const type = button?.type ?? 'click';
  if (type === 'view') {
    act(actor, null);
    return pushEvent(actor, { Event: 'VIEW', EventKey: key, MenuId: '400000001' }, false);
  }
  if (type === 'miniprogram') return tapMini(actor, button);
  const scans = type === 'scancode_push' || type === 'scancode_waitmsg';
  act(actor, type === 'click' || scans ? 'menu' : null);
  if (!scans) return pushEvent(actor, { Event: type === 'click' ? 'CLICK' : type, EventKey: key });
  return pushEvent(actor, {
    Event: type,
    EventKey: key,
    ScanCodeInfo: { ScanType: 'qrcode', ScanResult: 'simulated' },
  });
}

/** An entry that opens a mini-program (1.5); it opens no credit. */
async function tapMini(actor: Actor, button: MenuButton | undefined): Promise<ActionResult> {
  const target = button?.pagepath ?? '';
  act(actor, null);
  const event = { Event: 'view_miniprogram', EventKey: target, MenuId: '400000001' };
  const outcome = await pushEvent(actor, event, false);
  const [page = '', query = ''] = target.split('?');
  return { ...outcome, opens: { appId: button?.appid ?? '', page, query } };
}

function findButton(buttons: readonly MenuButton[], key: string): MenuButton | undefined {
  const all = buttons.flatMap((button) => [button, ...(button.sub_button ?? [])]);
  return all.find((button) => [button.key, button.url, button.pagepath].includes(key));
}

/** A tap on an entry of a received msgmenu: a text with `bizmsgmenuid` that counts as a menu click (2.5). */
export async function tapMessageMenu(actor: Actor, id: string): Promise<ActionResult> {
  if (!actor.relation.subscribed) return refused('not.following', 'only a follower can write to the account');
  const text = menuEntry(actor.relation, id);
  if (text === undefined) return refused('msgmenu.unknown', 'no msgmenu with this entry was received', 404);
  act(actor, 'menu');
  return pushMessage(actor, { msgtype: 'text', fields: { Content: text, bizmsgmenuid: id }, content: text });
}

function menuEntry(relation: Relation, id: string): string | undefined {
  const menus = relation.chat.filter((entry) => entry.msgtype === 'msgmenu').reverse();
  for (const { content } of menus) {
    const { list } = content as { list: { id: string | number; content: string }[] };
    const entry = list.find((each) => String(each.id) === id);
    if (entry !== undefined) return entry.content;
  }
  return undefined;
}
