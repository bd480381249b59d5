/** Template messages (docs/wechat.md 2.6): accepted at once, their outcome pushed later. */
import type { AccountCall } from './call.js';
import { objectOf, partOf, textOf, type Fields } from './checks.js';
import { PlatformError } from './errors.js';
import { checkPage, OUTCOME_MS } from './notice.js';
import { push } from './push.js';
import { relationOf, type Account, type NoticeTemplate, type Relation, type World } from './state.js';

const SAME_ID_MS = 600_000;

/** POST /cgi-bin/message/template/send → `{errcode, errmsg, msgid}`. */
export function sendTemplate({ world, account, body }: AccountCall): unknown {
  const input = objectOf(body());
  const relation = relationOf(world, account.appId, input['touser']);
  if (relation === undefined) throw new PlatformError(40003);
  const templateId = textOf(input, 'template_id');
  if (!isKnown(account, templateId)) throw new PlatformError(40037);
  checkData(account, templateId, partOf(input, 'data'));
  const mini = world.accounts.get(textOf(partOf(input, 'miniprogram'), 'appid'));
  if (mini !== undefined) checkPage(mini, textOf(partOf(input, 'miniprogram'), 'pagepath'), 40165);
  if (!relation.subscribed) throw new PlatformError(43004);
  refuseRepeat(world, account, textOf(input, 'client_msg_id'));
  const msgid = world.clock.now() * 1000 + (world.sequence() % 1000);
  if (!relation.blocked) {
    const { template_id, url, miniprogram, data } = input;
    const content = { template_id, url, miniprogram, data };
    world.say(relation, { from: 'account', route: 'template', msgtype: 'template', content });
  }
  world.run(pushFinish({ world, account, relation, msgid }));
  return { errcode: 0, errmsg: 'ok', msgid };
}

function isKnown(account: Account, templateId: string): boolean {
  const { templateIds, templates } = account;
  if (templateIds === undefined && templates === undefined) return templateId !== '';
  return templateIds?.includes(templateId) === true || ownTemplate(account, templateId) !== undefined;
}

function ownTemplate(account: Account, templateId: string): NoticeTemplate | undefined {
  return account.templates?.find((each) => each.templateId === templateId && each.kind === 'template');
}

/** Every value has a text; a template registered with its fields gets all of them. */
function checkData(account: Account, templateId: string, data: Fields): void {
  const values = Object.values(data);
  if (values.length === 0 || values.some((value) => textOf(objectOf(value), 'value') === '')) {
    throw new PlatformError(47003, 'argument invalid! data is empty');
  }
  const missing = Object.keys(ownTemplate(account, templateId)?.fields ?? {}).find((key) => data[key] === undefined);
  if (missing !== undefined) throw new PlatformError(47003, `argument invalid! data.${missing}.value is empty`);
}

function refuseRepeat(world: World, account: Account, id: string): void {
  if (id === '') return;
  const before = account.clientMsgIds.get(`template ${id}`);
  if (before !== undefined && world.clock.now() - before.at < SAME_ID_MS) throw new PlatformError(45065);
  account.clientMsgIds.set(`template ${id}`, { at: world.clock.now(), msgId: '' });
}

async function pushFinish(input: { world: World; account: Account; relation: Relation; msgid: number }): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, OUTCOME_MS));
  await push(input.world, input.account, {
    openid: input.relation.openid,
    fields: {
      MsgType: 'event',
      Event: 'TEMPLATESENDJOBFINISH',
      MsgID: String(input.msgid),
      Status: input.relation.blocked ? 'failed:user block' : 'success',
    },
  });
}
