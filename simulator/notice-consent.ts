/**
 * What people answer to `wx.requestSubscribeMessage` and switch in the settings (docs/wechat.md 1.5, 3.4). Every accept is
 * one more notice of a one-time template; a refusal in the settings takes all and answers for the person from then on.
 */
import type { Actor } from './actions.js';
import { noticeTemplate } from './notice.js';
import { push, type PushOutcome } from './push.js';
import type { Fields } from './wire.js';

export interface Answer {
  templateId: string;
  accept: boolean;
}

export type NoticeAnswers = Record<string, 'accept' | 'reject'>;

export type Consented =
  | { ok: true; answers: NoticeAnswers; outcome: PushOutcome }
  | { ok: false; code: 'template.unknown'; templateId: string };

/** The person closes the dialog; the templates that were asked come in one event, those switched off are not asked. */
export async function answerDialog(actor: Actor, given: readonly Answer[]): Promise<Consented> {
  const { account, relation } = actor;
  const unknown = given.find((each) => noticeTemplate(account, each.templateId) === undefined);
  if (unknown !== undefined) return { ok: false, code: 'template.unknown', templateId: unknown.templateId };
  const asked = given.filter((each) => !relation.refusedNotices.has(each.templateId));
  for (const each of asked) if (each.accept) consent(actor, each.templateId);
  const answers = Object.fromEntries(
    given.map((each) => [each.templateId, asked.includes(each) && each.accept ? 'accept' : 'reject'] as const),
  );
  if (asked.length === 0) return { ok: true, answers, outcome: { pushed: false, attempts: [] } };
  const scene = account.kind === 'mini-program' ? '0' : '1';
  const list = asked.map((each) => ({ ...status(each), PopupScene: scene }));
  const outcome = await pushList(actor, 'subscribe_msg_popup_event', { SubscribeMsgPopupEvent: { List: list } });
  return { ok: true, answers, outcome };
}

/** One more send of a one-time template; a long-term consent is there or not. */
function consent({ account, relation }: Actor, templateId: string): void {
  const before = relation.consents.get(templateId) ?? 0;
  const longTerm = noticeTemplate(account, templateId)?.kind === 'long-term';
  relation.consents.set(templateId, longTerm ? 1 : before + 1);
}

/** The settings page of the account: only a refusal is pushed. */
export async function changeSettings(actor: Actor, { templateId, accept }: Answer): Promise<PushOutcome | undefined> {
  const { account, relation } = actor;
  if (noticeTemplate(account, templateId) === undefined) return undefined;
  if (accept) {
    relation.refusedNotices.delete(templateId);
    return { pushed: false, attempts: [] };
  }
  relation.refusedNotices.add(templateId);
  relation.consents.delete(templateId);
  const List = [status({ templateId, accept })];
  return pushList(actor, 'subscribe_msg_change_event', { SubscribeMsgChangeEvent: { List } });
}

function status({ templateId, accept }: Answer) {
  return { TemplateId: templateId, SubscribeStatusString: accept ? 'accept' : 'reject' };
}

function pushList({ world, account, relation }: Actor, Event: string, wrapped: Fields): Promise<PushOutcome> {
  return push(world, account, { openid: relation.openid, fields: { MsgType: 'event', Event, ...wrapped } });
}
