/**
 * What is wrong with a broadcast's draft, told by the draft alone: a route the table forbids, a mass send with words to fill in, a shape its
 * route cannot carry. Must not look at people or at the database. Pure.
 */
import { forbiddenRoutes } from '../contact/index.js';
import type { BroadcastDraft, Content, ContentType, FieldProblem, Message, Route } from '../../contracts/index.js';
import type { LintedText } from './lint.js';

export const draftProblemCodes = [
  'message.noVariant',
  'message.routeForbidden',
  'message.wordInMassSend',
  'message.contentUnfit',
  'message.empty',
  'message.accountMissing',
  'broadcast.endsBeforeStart',
] as const;
export type DraftProblemCode = (typeof draftProblemCodes)[number];
type Problem = FieldProblem & { code: DraftProblemCode };

/** What one mass send can carry: https://developers.weixin.qq.com/doc/service/api/notify/message/api_masssend.html */
const MASS_SEND: readonly ContentType[] = ['text', 'image', 'article'];
/** Templates and notices have routes of their own. */
const NOT_IN_CHAT: readonly ContentType[] = ['template', 'notice', 'unknown'];
/** A word to be filled in for each person: {name|friend}. */
const FILLED_IN = /\{[^{}]*\}/;
/** Fields that people do not read. */
const CODES = new Set(
  ['type', 'id', 'platformId', 'url', 'hqUrl', 'pictureUrl', 'appId', 'pagePath', 'page'].concat([
    ...['templateId', 'cardId', 'articleId', 'materialId', 'format'],
  ]),
);

/** Every reason to refuse this draft; empty when there is none. */
export function draftProblems(draft: BroadcastDraft): Problem[] {
  const variants = variantsOf(draft.message);
  return [
    ...(variants.length === 0 ? [problem('message.variants', 'message.noVariant', 'says nothing by any route')] : []),
    ...forbiddenRoutes(draft.message).map((route) =>
      problem(pathOf(route), 'message.routeForbidden', `${draft.message.purpose} must not go by ${route}`),
    ),
    ...variants.flatMap(([route, content]) => variantProblems(draft.message, route, content)),
    ...windowProblems(draft),
  ];
}

/** Every text of the message that somebody reads, with its path. */
export function textsOf(message: Message): LintedText[] {
  return variantsOf(message).flatMap(([route, content]) => textsIn(content, pathOf(route)));
}

function variantProblems(message: Message, route: Route, content: Content): Problem[] {
  const path = pathOf(route);
  const texts = textsIn(content, path);
  return [
    ...(fits(route, content) ? [] : [problem(path, 'message.contentUnfit', unfitMessage(route))]),
    ...(isBlank(content) ? [problem(path, 'message.empty', 'has no text')] : []),
    ...(route === 'mass-send'
      ? texts
          .filter(({ text }) => FILLED_IN.test(text))
          .map((text) => problem(text.path, 'message.wordInMassSend', 'a mass send says the same to everybody'))
      : []),
    ...(route === 'subscription-notice' && !message.variantAccounts?.[route]
      ? [problem(`message.variantAccounts.${route}`, 'message.accountMissing', 'names the account the template is of')]
      : []),
  ];
}

function fits(route: Route, content: Content): boolean {
  switch (route) {
    case 'mass-send':
      return MASS_SEND.includes(content.type);
    case 'subscription-notice':
      return content.type === 'notice' && content.templateId !== '';
    case 'member-inbox':
      return content.type === 'notice' && content.templateId === '' && hasInboxData(content.data);
    case 'template':
      return content.type === 'template';
    case 'customer-message':
    case 'passive-reply':
    case 'wechaty':
      return !NOT_IN_CHAT.includes(content.type);
  }
}

/** The member's inbox shows a text, and above it a title where there is one. */
const hasInboxData = (data: Readonly<Record<string, string>>): boolean =>
  'text' in data && Object.keys(data).every((key) => key === 'text' || key === 'title');

function unfitMessage(route: Route): string {
  if (route === 'mass-send') return `takes ${MASS_SEND.join(', ')}`;
  if (route === 'member-inbox') return 'takes a notice without template: data {title?, text}, page?';
  if (route === 'subscription-notice') return 'takes a notice with a template';
  return 'this route cannot carry such content';
}

function isBlank(content: Content): boolean {
  if (content.type === 'text') return content.text.trim() === '';
  if (content.type === 'notice') return Object.values(content.data).every((text) => text.trim() === '');
  return false;
}

function windowProblems({ startAt, endsAt }: BroadcastDraft): Problem[] {
  if (!startAt || !endsAt || new Date(endsAt) > new Date(startAt)) return [];
  return [problem('endsAt', 'broadcast.endsBeforeStart', 'is not after startAt')];
}

function textsIn(value: unknown, path: string): LintedText[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key, inner]) => !(CODES.has(key) && typeof inner === 'string'))
    .flatMap(([key, inner]) => textsIn(inner, `${path}.${key}`));
}

const variantsOf = ({ variants }: Message): Array<[Route, Content]> =>
  (Object.entries(variants) as Array<[Route, Content | undefined]>).flatMap(([route, content]) =>
    content ? [[route, content] satisfies [Route, Content]] : [],
  );
const pathOf = (route: Route): string => `message.variants.${route}`;
const problem = (path: string, code: DraftProblemCode, message: string): Problem => ({ path, code, message });
