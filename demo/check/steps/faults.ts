/** What becomes of a reply when the platform fails: retried only where it surely did nothing, else left `unknown` and never sent twice. */
import { SEND } from '../../sim-client.js';
import { expect, until } from '../judge.js';
import type { Lab, Person } from '../lab.js';
import type { Step } from './index.js';

interface Trouble {
  name: string;
  fault: Record<string, unknown>;
  onPhone: number;
}

const troubles: readonly Trouble[] = [
  { name: 'connection cut after the platform acted', fault: { drop: 'after' }, onPhone: 1 },
  { name: 'time-out, and the platform acted', fault: { delayMs: 3_000 }, onPhone: 1 },
  { name: 'connection cut after a byte left, nothing done', fault: { drop: 'before' }, onPhone: 0 },
  { name: 'HTTP 500', fault: { status: 500, body: 'bad gateway' }, onPhone: 0 },
];

export const faults: Step = {
  name: 'faults',
  title: { 'zh-CN': '平台出错：不确定的绝不重发', en: 'platform faults: never twice' },
  async run(lab) {
    const customer = await lab.follower('不走运的人');
    const talk = { customer, id: '' };
    await lab.sim.say(customer.openid, { content: '在吗' });
    talk.id = await lab.conversationOf(customer);
    await lab.claim(talk.id);
    for (const [index, trouble] of troubles.entries())
      await unknownOnce(lab, talk, { ...trouble, text: `回复 ${String(index + 1)}` });
    await retried(lab, talk);
  },
};

interface Talk {
  customer: Person;
  id: string;
}

/** A later message of the same lane proves that the one before it is done with: rows to one person leave in order. */
async function unknownOnce(
  lab: Lab,
  { customer, id }: Talk,
  { name, fault, onPhone, text }: Trouble & { text: string },
): Promise<void> {
  await lab.sim.say(customer.openid, { content: `第 ${text}` });
  await lab.sim.fault({ path: SEND, times: 1, ...fault });
  const accepted = await lab.reply(id, text);
  expect(accepted.status === 202, `a reply answers 202, not ${accepted.about}`);
  const message = await lab.settled(id, text, ['unknown', 'sent', 'refused', 'skipped']);
  expect(message.state === 'unknown' && message.reason !== null, `${name}: the state is unknown, not ${message.state}`);
  await until(`the platform's call list with “${text}”`, async () =>
    (await lab.sendsTo(customer)).some((call) => call.text === text),
  );
  // Whatever would be tried again is tried now.
  await lab.sim.advance(60_000);
  const marker = `${text} 之后`;
  await lab.reply(id, marker);
  await lab.onPhoneOnce(customer, marker);
  const calls = (await lab.sendsTo(customer)).filter((call) => call.text === text).length;
  const shown = (await lab.textsOn(customer)).filter((one) => one === text).length;
  expect(calls === 1, `${name}: the platform is called once, not ${String(calls)} times`);
  expect(shown === onPhone, `${name}: it is on the phone ${String(onPhone)} times, not ${String(shown)}`);
  lab.saw(`${name}: unknown (${String(message.reason)}), called once, on the phone ${String(shown)}×`);
}

async function retried(lab: Lab, { customer, id }: Talk): Promise<void> {
  const text = '系统繁忙也要送到';
  await lab.sim.say(customer.openid, { content: '还在吗' });
  await lab.sim.fault({ path: SEND, times: 1, errcode: -1 });
  await lab.reply(id, text);
  await until('the first try', async () =>
    (await lab.sendsTo(customer)).some((call) => call.text === text && call.errcode === -1),
  );
  await lab.sim.advance(6_000);
  await lab.onPhoneOnce(customer, text);
  await lab.settled(id, text, ['sent']);
  const codes = (await lab.sendsTo(customer)).filter((call) => call.text === text).map(({ errcode }) => errcode);
  expect(codes.join() === '-1,0', `-1 is tried again and then sent (${codes.join()})`);
  lab.saw('errcode -1: tried again, sent, on the phone once');
}
