/**
 * Subscription notices (docs/wechat.md 2.7, 3.4): of a mini-program and of an official account. A one-time template costs
 * one consent a send; the outcome is pushed afterwards. Who consents is in notice-consent.ts.
 */
import type { AccountCall } from './call.js';
import { objectOf, partOf, textOf, type Fields } from './checks.js';
import { PlatformError } from './errors.js';
import { valueFault } from './notice-values.js';
import { push } from './push.js';
import { relationOf, type Account, type NoticeTemplate, type Relation, type World } from './state.js';

/** Between accepting a message and telling what became of it. */
export const OUTCOME_MS = 50;

/** POST /cgi-bin/message/subscribe/send of a mini-program. */
export function sendNotice(call: AccountCall): unknown {
  const input = objectOf(call.body());
  const { relation, template, data } = checked(call, input);
  checkPage(call.account, textOf(input, 'page'));
  const { template_id, page, miniprogram_state } = input;
  return deliver(call, { relation, template, content: { template_id, page, miniprogram_state, data } });
}

/** POST /cgi-bin/message/subscribe/bizsend of an official account. */
export function sendBizNotice(call: AccountCall): unknown {
  const input = objectOf(call.body());
  const { relation, template, data } = checked(call, input);
  const target = partOf(input, 'miniprogram');
  const mini = call.world.accounts.get(textOf(target, 'appid'));
  if (mini !== undefined) checkPage(mini, textOf(target, 'pagepath'));
  const { template_id, page, miniprogram } = input;
  return deliver(call, { relation, template, content: { template_id, page, miniprogram, data } });
}

interface Checked {
  relation: Relation;
  template: NoticeTemplate;
  data: Fields;
}

function checked({ world, account }: AccountCall, input: Fields): Checked {
  const relation = relationOf(world, account.appId, input['touser']);
  if (relation === undefined) throw new PlatformError(40003);
  const data = partOf(input, 'data');
  const template = noticeTemplate(account, textOf(input, 'template_id'));
  if (template === undefined) throw new PlatformError(40037);
  const keys = account.templates === undefined ? Object.keys(data) : Object.keys(template.fields);
  if (keys.length === 0) throw new PlatformError(47003, 'argument invalid! data is empty');
  for (const key of keys) {
    const fault = valueFault(key, partOf(data, key)['value']);
    if (fault === undefined) continue;
    throw new PlatformError(47003, `argument invalid! data.${key}.value ${fault === 'empty' ? 'is empty' : fault}`);
  }
  return { relation, template, data };
}

/** The template by which this account may send notices; without registered templates every id is one-time. */
export function noticeTemplate(account: Account, templateId: string): NoticeTemplate | undefined {
  if (templateId === '') return undefined;
  if (account.templates === undefined) return { templateId, kind: 'one-time', title: templateId, fields: {} };
  return account.templates.find((each) => each.templateId === templateId && each.kind !== 'template');
}

/** A released page of the mini-program, its query aside; none means that a tap opens nothing. */
export function checkPage(account: Account, page: string, errcode = 41030): void {
  if (page === '') return;
  const path = page.split('?')[0] ?? '';
  if (path.startsWith('/') || account.pages?.includes(path) === false) throw new PlatformError(errcode);
}

interface Delivery {
  relation: Relation;
  template: NoticeTemplate;
  content: Fields;
}

/** Takes the consent and shows the notice; a person who blocked the account has no consent to give. */
function deliver({ world, account }: AccountCall, { relation, template, content }: Delivery): unknown {
  const left = relation.consents.get(template.templateId) ?? 0;
  if (left === 0 || relation.blocked) throw new PlatformError(43101);
  if (template.kind === 'one-time') relation.consents.set(template.templateId, left - 1);
  world.say(relation, { from: 'account', route: 'notice', msgtype: 'subscribe', content });
  const msgid = world.clock.now() * 1000 + (world.sequence() % 1000);
  world.run(pushSent({ world, account, relation, templateId: template.templateId, msgid }));
  return { errcode: 0, errmsg: 'ok', msgid };
}

interface Sent {
  world: World;
  account: Account;
  relation: Relation;
  templateId: string;
  msgid: number;
}

async function pushSent({ world, account, relation, templateId, msgid }: Sent): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, OUTCOME_MS));
  // A reset in between took the person away.
  if (world.byOpenid.get(relation.openid) !== relation) return;
  await push(world, account, {
    openid: relation.openid,
    fields: {
      MsgType: 'event',
      Event: 'subscribe_msg_sent_event',
      SubscribeMsgSentEvent: {
        List: [{ TemplateId: templateId, MsgID: String(msgid), ErrorCode: '0', ErrorStatus: 'success' }],
      },
    },
  });
}
