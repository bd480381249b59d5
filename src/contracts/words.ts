/**
 * The words that texts may hold in braces, `{name}` or `{name|what else}`, and how they are filled in. One list for notices, strategies
 * and broadcasts. Money is fen where it comes from and yuan here; times are the shop's zone. Pure.
 */
import type { Content } from './content.js';
import type { PersonFacts } from './strategy.js';

type Data = Readonly<Record<string, unknown>>;

/** What is known when a text is filled in: what happened, and the person it is for. */
export interface Known {
  data: Data;
  person?: PersonFacts;
  timeZone: string;
}

type Word = (known: Known) => string;

/** What an event tells. */
const ofEvent: Readonly<Record<string, Word>> = {
  orderNo: ({ data }) => textOf(data['orderNo']),
  product: ({ data }) => textOf(data['item']),
  pieces: ({ data }) => textOf(data['pieces']),
  amount: ({ data }) => yuan(data['amount']),
  paid: ({ data }) => yuan(data['paid']),
  carrier: ({ data }) => textOf(data['carrier']),
  trackingNo: ({ data }) => textOf(data['trackingNo']),
  closesAt: ({ data, timeZone }) => moment(data['closesAt'], timeZone),
  level: ({ data, person }) => titleOf(data['level']) || textOf(person?.level),
  growth: ({ data, person }) => textOf(data['growth'] ?? person?.growth),
  /** Points that are about to expire: there `amount` counts points, not money. */
  expiring: ({ data }) => textOf(data['amount']),
  expiresAt: ({ data, timeZone }) => day(data['expiresAt'], timeZone),
  until: ({ data, timeZone }) => day(data['until'], timeZone),
  days: ({ data }) => textOf(data['days']),
  missing: ({ data }) => textOf(data['missing']),
  voucher: ({ data }) => titleOf({ title: data['voucher'] }),
};

/** What is known of the person; actions that take these words need the person's facts. */
const ofPerson: Readonly<Record<string, Word>> = {
  name: ({ person }) => textOf(person?.name),
  points: ({ person }) => textOf(person?.points),
  orders: ({ person }) => textOf(person?.orders),
  spent: ({ person }) => yuan(person?.spent),
  birthday: ({ person }) => monthAndDay(person?.birthday),
  lastOrder: ({ person, timeZone }) => day(person?.lastOrderAt, timeZone),
};

const words: ReadonlyMap<string, Word> = new Map(Object.entries({ ...ofEvent, ...ofPerson }));

export const eventWordNames: readonly string[] = Object.keys(ofEvent);
export const wordNames: readonly string[] = [...words.keys()];

const PLACEHOLDER = /\{([^{}|]*)(?:\|([^{}]*))?\}/g;

/** Names of the words that a text or any part of a content holds, each once. */
export function placeholdersIn(said: string | Content): string[] {
  const found: string[] = [];
  const collect = (text: string): string => {
    for (const [, name = ''] of text.matchAll(PLACEHOLDER)) found.push(name.trim());
    return text;
  };
  if (typeof said === 'string') collect(said);
  else inEveryText(said, collect, collect);
  return [...new Set(found)];
}

/** Those that cannot be filled in. `among`: the names allowed here. */
export const unknownWords = (said: string | Content, among: readonly string[] = wordNames): string[] =>
  placeholdersIn(said).filter((name) => !among.includes(name));

/** What is not known becomes what stands after the bar; without one a dash, so that a sentence stays one. */
export function fillText(wording: string, known: Known): string {
  return wording.replace(
    PLACEHOLDER,
    (_whole, name: string, fallback: string | undefined) => valueOf(name, known) || (fallback ?? '—'),
  );
}

/** The content with every word in it filled in. Addresses of pages take values encoded, and nothing for what is not known. */
export function fillContent<C extends Content>(content: C, known: Known): C {
  return inEveryText(
    content,
    (text) => fillText(text, known),
    (address) => fillAddress(address, known),
  );
}

/** The address of a page with its words filled in. */
export function fillAddress(address: string, known: Known): string {
  return address.replace(PLACEHOLDER, (_whole, name: string, fallback = '') =>
    encodeURIComponent(valueOf(name, known) || String(fallback)),
  );
}

const valueOf = (name: string, known: Known): string => words.get(name.trim())?.(known) ?? '';

type Change = (text: string) => string;

/** The same content with every text a person reads, and every address a person opens, put through a change. Names of things stay. */
function inEveryText<C extends Content>(content: C, text: Change, address: Change): C {
  return changed(content, text, address) as C;
}

function changed(content: Content, text: Change, address: Change): Content {
  const also = <K extends string>(key: K, value: string | undefined, change: Change): Partial<Record<K, string>> =>
    value === undefined ? {} : ({ [key]: change(value) } as Record<K, string>);
  switch (content.type) {
    case 'text':
      return { ...content, text: text(content.text) };
    case 'video':
      return { ...content, ...also('title', content.title, text), ...also('description', content.description, text) };
    case 'music':
      return { ...content, title: text(content.title), description: text(content.description) };
    case 'location':
      return { ...content, ...also('label', content.label, text) };
    case 'link':
      return {
        ...content,
        ...{ title: text(content.title), description: text(content.description), url: address(content.url) },
      };
    case 'menu': {
      const entries = content.entries.map((entry) => ({ ...entry, text: text(entry.text) }));
      return { ...content, head: text(content.head), entries, ...also('tail', content.tail, text) };
    }
    case 'mini-program-card':
      return { ...content, title: text(content.title), pagePath: address(content.pagePath) };
    case 'template': {
      const { miniProgram } = content;
      const opens = miniProgram && { ...miniProgram, pagePath: address(miniProgram.pagePath) };
      return {
        ...content,
        ...also('url', content.url, address),
        ...(opens ? { miniProgram: opens } : {}),
        data: mapped(content.data, text),
      };
    }
    case 'notice':
      return { ...content, ...also('page', content.page, address), data: mapped(content.data, text) };
    case 'image':
    case 'voice':
    case 'file':
    case 'article':
    case 'coupon-card':
    case 'unknown':
      return content;
  }
}

const mapped = (data: Readonly<Record<string, string>>, change: Change): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, change(value)]));

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Of a level or a coupon: its title, which is a text or stands in both languages. */
function titleOf(named: unknown): string {
  const title = (named as { title?: unknown } | undefined)?.title;
  return textOf(title) || textOf((title as Record<string, unknown> | undefined)?.['zh-CN']);
}

function yuan(fen: unknown): string {
  if (typeof fen !== 'number') return '';
  return `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}

function dateOf(value: unknown): Date | undefined {
  const at = typeof value === 'string' ? new Date(value) : value;
  return at instanceof Date && !Number.isNaN(at.getTime()) ? at : undefined;
}

/** 2026-11-22 18:00 */
function moment(value: unknown, timeZone: string): string {
  const at = dateOf(value);
  const fields = { dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23', timeZone } as const;
  return at ? new Intl.DateTimeFormat('sv-SE', fields).format(at) : '';
}

/** 2026-11-22 */
function day(value: unknown, timeZone: string): string {
  const at = dateOf(value);
  return at ? new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone }).format(at) : '';
}

/** 11月22日, from MM-DD */
function monthAndDay(birthday: string | undefined): string {
  const [month, date] = (birthday ?? '').split('-').map(Number);
  return month && date ? `${month}月${date}日` : '';
}
