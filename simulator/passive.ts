/** Reads the answer to a callback (docs/wechat.md 1.3, 1.6): accepted in silence, a message for the phone, or malformed. */
import { decrypt, signature } from './crypto.js';
import type { Account, World } from './state.js';
import { fromJson, fromXml } from './wire.js';

export type Passive =
  { kind: 'silent' } | { kind: 'message'; msgtype: string; content: unknown } | { kind: 'malformed'; reason: string };

type Fields = Record<string, unknown>;

export interface PassiveInput {
  world: World;
  account: Account;
  openid: string;
  text: string;
}

const malformed = (reason: string): Passive => ({ kind: 'malformed', reason });

/** An empty body or `success` is accepted in every mode, unencrypted. */
export function readPassive(input: PassiveInput): Passive {
  const text = input.text.trim();
  if (text === '' || text === 'success') return { kind: 'silent' };
  const outer = parse(input.account, text);
  if (outer === undefined) return malformed('the reply is not a document of the data format');
  if (input.account.mode === 'plain') return readFields(input, outer);
  if (outer['Encrypt'] === undefined) {
    return input.account.mode === 'safe' ? malformed('the reply is not encrypted') : readFields(input, outer);
  }
  const opened = open(input.account, outer);
  return opened.ok ? readFields(input, opened.fields) : malformed(opened.reason);
}

function parse(account: Account, text: string): Fields | undefined {
  return fromXml(text) ?? (account.dataFormat === 'json' ? fromJson(text) : undefined);
}

function open(account: Account, outer: Fields): { ok: true; fields: Fields } | { ok: false; reason: string } {
  const encrypted = String(outer['Encrypt']);
  const proof = signature(account.token, String(outer['TimeStamp']), String(outer['Nonce']), encrypted);
  if (outer['MsgSignature'] !== proof) return { ok: false, reason: 'MsgSignature is wrong' };
  const opened = decrypt({ encodingAesKey: account.encodingAesKey, receiveId: account.appId, encrypted });
  if (!opened.ok) return opened;
  const fields = parse(account, opened.text);
  return fields === undefined ? { ok: false, reason: 'the decrypted reply is no document' } : { ok: true, fields };
}

function readFields(input: PassiveInput, fields: Fields): Passive {
  if (fields['ToUserName'] !== input.openid) return malformed('ToUserName is not the person');
  if (fields['FromUserName'] !== input.account.originalId) return malformed('FromUserName is not the account');
  if (!/^[0-9]+$/.test(String(fields['CreateTime']))) return malformed('CreateTime is not a number of seconds');
  const msgtype = String(fields['MsgType']);
  const reader = Object.hasOwn(readers, msgtype) ? readers[msgtype] : undefined;
  if (reader === undefined) return malformed(`MsgType ${msgtype} is not one of a reply`);
  if (reader === 'silent') return { kind: 'silent' };
  const content = reader(input, fields);
  return content === undefined
    ? malformed(`the ${msgtype} reply lacks its fields`)
    : { kind: 'message', msgtype, content };
}

/** Each type gives the same object that a customer message of that type would show; undefined when it lacks fields. */
const readers: Record<string, 'silent' | ((input: PassiveInput, fields: Fields) => unknown)> = {
  text: (_input, fields) => (text(fields, 'Content') === '' ? undefined : text(fields, 'Content')),
  image: (input, fields) => media(input, part(fields, 'Image')),
  voice: (input, fields) => media(input, part(fields, 'Voice')),
  video: (input, fields) => {
    const video = part(fields, 'Video');
    const known = media(input, video);
    return known && { ...known, title: text(video, 'Title'), description: text(video, 'Description') };
  },
  music: (_input, fields) => {
    const music = part(fields, 'Music');
    const shown = { title: text(music, 'Title'), description: text(music, 'Description') };
    return text(music, 'ThumbMediaId') === '' ? undefined : { ...shown, musicurl: text(music, 'MusicUrl') };
  },
  news: (_input, fields) => {
    const item = part(fields, 'Articles')['item'];
    const articles = (Array.isArray(item) ? (item as unknown[]) : [item])
      .filter((each): each is Fields => typeof each === 'object' && each !== null)
      .slice(0, 1)
      .map((each) => ({
        title: text(each, 'Title'),
        description: text(each, 'Description'),
        picurl: text(each, 'PicUrl'),
        url: text(each, 'Url'),
      }));
    return articles.length === 0 ? undefined : { articles };
  },
  transfer_customer_service: 'silent',
};

function part(fields: Fields, key: string): Fields {
  const value = fields[key];
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function text(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === 'string' ? value : '';
}

function media({ world, account }: PassiveInput, fields: Fields): { media_id: string } | undefined {
  const id = text(fields, 'MediaId');
  return world.media.get(id)?.appId === account.appId ? { media_id: id } : undefined;
}
