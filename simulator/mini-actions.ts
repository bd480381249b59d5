/**
 * What a person does with a mini-program (docs/wechat.md 3): opens it and gets codes, enters its customer chat, answers
 * the subscription dialog. Any openid of the person is good; which mini-program is meant is found here.
 */
import { act, type ActionResult, type Actor } from './actions.js';
import { issueCode } from './client-codes.js';
import { answerDialog, changeSettings, type Answer } from './notice-consent.js';
import { noticeTemplate } from './notice.js';
import { push, type PushOutcome } from './push.js';
import { miniProgram, relationAt } from './registry.js';
import type { Account, Code, Relation, World } from './state.js';

export interface Refusal {
  refused: { code: string; detail: string; status: number };
}

const refused = (code: string, detail: string, status = 409): Refusal => ({ refused: { code, detail, status } });

/** The person behind `relation` at a mini-program: the named one, the relation's own, or the first there is. */
export function miniActor(world: World, relation: Relation, appId?: string): Actor | Refusal {
  const own = world.accounts.get(relation.appId)?.kind === 'mini-program' ? relation.appId : undefined;
  const account = miniProgram(world, appId ?? own);
  if (account === undefined) return refused('account.unknown', 'no mini-program has this appId', 404);
  return at(world, relation, account);
}

function at(world: World, relation: Relation, account: Account): Actor | Refusal {
  const person = world.people.get(relation.personId);
  if (person === undefined) return refused('person.unknown', 'no person is known under this openid', 404);
  return { world, account, relation: relationAt(world, person, account.appId) };
}

/** `wx.login`: opening the mini-program counts as a visit. */
export function loginCode({ world, relation }: Actor): { code: string } {
  relation.visitedAt = world.clock.now();
  return { code: issueCode(world, relation, 'login') };
}

/** The phone button: a code, when WeChat knows a phone of the person. */
export function phoneCode({ world, relation }: Actor): { code: string } | Refusal {
  if (world.people.get(relation.personId)?.phone === undefined) {
    return refused('phone.none', 'this person has no phone number');
  }
  return { code: issueCode(world, relation, 'phone') };
}

/** The person comes into the customer chat; `from` is the page's `session-from` (1.5). */
export function enterChat(actor: Actor, from: string): Promise<PushOutcome> {
  const { world, account, relation } = actor;
  act(actor, 'enter');
  relation.visitedAt = world.clock.now();
  const fields = { MsgType: 'event', Event: 'user_enter_tempsession', SessionFrom: from };
  return push(world, account, { openid: relation.openid, fields, interactive: true });
}

/** The code of a page with its scene: nothing is pushed, the mini-program opens at that page. */
export function openCode({ appId, page = '', scene }: Code): ActionResult {
  return { pushed: false, attempts: [], opens: { appId, page, query: `scene=${encodeURIComponent(scene)}` } };
}

/** One answer to the dialog; the account is the named one, else that of the openid if it knows the template. */
export async function grant(actor: Actor, input: Answer & { appId?: string | undefined }) {
  const asked = noticeActor(actor, input);
  if ('refused' in asked) return asked;
  const consented = await answerDialog(asked, [input]);
  if (!consented.ok) return refused('template.unknown', 'the account has no such template', 404);
  return { result: consented.answers[input.templateId], ...consented.outcome };
}

/** A switch in the settings of the account. */
export async function setNotice(actor: Actor, input: Answer & { appId?: string | undefined }) {
  const asked = noticeActor(actor, input);
  if ('refused' in asked) return asked;
  return (await changeSettings(asked, input)) ?? refused('template.unknown', 'the account has no such template', 404);
}

function noticeActor(actor: Actor, input: { templateId: string; appId?: string | undefined }): Actor | Refusal {
  const { world, account, relation } = actor;
  if (input.appId === undefined) {
    const registered = account.templates?.length && noticeTemplate(account, input.templateId) !== undefined;
    return registered ? actor : miniActor(world, relation);
  }
  const named = world.accounts.get(input.appId);
  return named === undefined
    ? refused('account.unknown', 'no account has this appId', 404)
    : at(world, relation, named);
}
