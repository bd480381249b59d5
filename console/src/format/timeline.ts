/** Domain events in words for people. Data fields are looked at only where they are what they should be. */
import type { TimelineEntry } from '../api/types.js';
import { i18n, textIfAny } from '../i18n.js';
import { describeReason } from './problems.js';
import { goodKinds, membershipDetails, warmKinds } from './timeline-membership.js';

type Data = TimelineEntry['data'];
const textOf = (data: Data, ...keys: string[]): string | undefined => {
  for (const key of keys) {
    const value = data[key];
    if (typeof value === 'string' && value) return value;
  }
  return undefined;
};

function contentText(data: Data): string | undefined {
  const content = data['content'];
  if (typeof content !== 'object' || content === null) return textOf(data, 'text', 'preview') ?? kindText(data['type']);
  const { type, text } = content as { type?: unknown; text?: unknown };
  if (typeof text === 'string') return text;
  return kindText(type);
}

const kindText = (type: unknown): string | undefined =>
  typeof type === 'string' ? (textIfAny(`content.${type}`) ?? textIfAny(`content.kinds.${type}`) ?? type) : undefined;

function followUpText(data: Data): string | undefined {
  const to = textOf(data, 'to', 'followUp');
  const words = to ? (textIfAny(`followUp.${to}`) ?? to) : undefined;
  return [words, textOf(data, 'note')].filter(Boolean).join(' · ') || undefined;
}

const details: Record<string, (data: Data) => string | undefined> = {
  ...membershipDetails,
  'identity.followed': (data) => textOf(data, 'sceneName', 'scene'),
  'scene.scanned': (data) => textOf(data, 'sceneName', 'scene'),
  'menu.tapped': (data) => textOf(data, 'title', 'key'),
  'link.opened': (data) => textOf(data, 'url'),
  'message.received': contentText,
  'message.queued': contentText,
  'message.sent': contentText,
  'note.added': contentText,
  'conversation.assigned': (data) => textOf(data, 'assigneeName', 'staffName', 'name'),
  'conversation.closed': (data) => textOf(data, 'staffName', 'name'),
  'followUp.changed': followUpText,
  'message.receipt': (data) => {
    const receipt = textOf(data, 'receipt', 'status');
    return receipt ? (textIfAny(`receipts.${receipt}`) ?? receipt) : undefined;
  },
};

export function describeEntry(entry: TimelineEntry): { title: string; detail: string } {
  const title = textIfAny(`timeline.${entry.kind}`) ?? i18n.global.t('timeline.other', { kind: entry.kind });
  const reason = textOf(entry.data, 'reason');
  return { title, detail: details[entry.kind]?.(entry.data) ?? describeReason(reason ?? null) };
}

/** Steps of the machinery that another entry tells better. */
const unspoken: readonly string[] = ['conversation.read', 'message.queued', 'media.stored', 'quota.drifted'];
export const isTold = (entry: TimelineEntry): boolean => !unspoken.includes(entry.kind);

/** Colour of the mark: good for what brings people closer, bad for what failed. */
export function toneOf(entry: TimelineEntry): 'good' | 'warm' | 'bad' | 'calm' {
  const { kind } = entry;
  if (['identity.followed', 'customer.created', 'message.received', 'scene.scanned'].includes(kind)) return 'good';
  if (goodKinds.includes(kind)) return 'good';
  if (warmKinds.includes(kind)) return 'warm';
  if (['message.refused', 'identity.blocked', 'identity.unfollowed'].includes(kind)) return 'bad';
  if (['message.unknown', 'message.held', 'message.skipped', 'message.retrying', 'note.added'].includes(kind))
    return 'warm';
  return 'calm';
}
