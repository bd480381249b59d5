/** Template messages (docs/wechat.md 2.6): accepted at once, their outcome pushed later. */
import type { AccountCall } from './call.js';
import { objectOf, partOf, textOf } from './checks.js';
import { PlatformError } from './errors.js';
import { push } from './push.js';
import { relationOf, type Account, type Relation, type World } from './state.js';

const SAME_ID_MS = 600_000;

/** POST /cgi-bin/message/template/send → `{errcode, errmsg, msgid}`. */
export function sendTemplate({ world, account, body }: AccountCall): unknown {
  const input = objectOf(body());
  const relation = relationOf(world, account.appId, input['touser']);
  if (relation === undefined) throw new PlatformError(40003);
  const templateId = textOf(input, 'template_id');
  const known = account.templateIds?.includes(templateId) ?? templateId !== '';
  if (!known) throw new PlatformError(40037);
  const values = Object.values(partOf(input, 'data'));
  if (values.length === 0 || values.some((value) => textOf(objectOf(value), 'value') === '')) {
    throw new PlatformError(47003, 'argument invalid! data is empty');
  }
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

function refuseRepeat(world: World, account: Account, id: string): void {
  if (id === '') return;
  const before = account.clientMsgIds.get(`template ${id}`);
  if (before !== undefined && world.clock.now() - before.at < SAME_ID_MS) throw new PlatformError(45065);
  account.clientMsgIds.set(`template ${id}`, { at: world.clock.now(), msgId: '' });
}

async function pushFinish(input: { world: World; account: Account; relation: Relation; msgid: number }): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
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
