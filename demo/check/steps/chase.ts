/** An unpaid order is reminded of at its time; who paid, or bought the same elsewhere, is left in peace. */
import { expect, until } from '../judge.js';
import { textOf } from '../lab.js';
import type { Lab, Person } from '../lab.js';
import { lifeOf } from '../shop.js';
import { noticesOf } from './buying.js';
import type { Step } from './index.js';

const MINUTE_MS = 60_000;
const CLOSES_MS = 3 * 60 * MINUTE_MS;

export const chase: Step = {
  name: 'chase',
  title: { 'zh-CN': '未付款提醒：付了款就不再提醒', en: 'unpaid: reminded, then paid, and no second time' },
  async run(lab) {
    const placedAt = new Date((await lab.sim.clock()).now);
    const [payer, elsewhere, waiting] = [
      await unpaid(lab, '会付款的人', 'CHASE-1', placedAt),
      await unpaid(lab, '换一家买的人', 'CHASE-2', placedAt),
      // A second later: whatever is due for the others was due before it.
      await unpaid(lab, '还在想的人', 'CHASE-3', new Date(placedAt.getTime() + 1_000)),
    ];
    const other = lifeOf({ orderNo: 'CHASE-2B', customer: { openid: elsewhere.who.openid }, price: 8_000, placedAt });
    await lab.open.report(other.paid());
    await lab.sim.advance(CLOSES_MS / 3 - 2 * MINUTE_MS);
    expect((await told(lab, waiting.who)) === 0, 'nobody is reminded before the time');
    await lab.sim.advance(3 * MINUTE_MS);
    await until('the first reminder', async () => (await told(lab, waiting.who)) === 1);
    await until('the first reminder of the payer', async () => (await told(lab, payer.who)) === 1);
    expect((await decided(lab, elsewhere.who)) === 0, 'who has bought the same elsewhere is not reminded');
    const [reminder] = await noticesOf(lab, payer.who, 'order-unpaid');
    expect(JSON.stringify(reminder?.content).includes('CHASE-1'), 'the reminder names the order');
    lab.saw(
      `after a third of the time: two reminded by route ${String(reminder?.route)}; the one who bought elsewhere is not`,
    );

    await lab.open.report(payer.order.paidLater(new Date((await lab.sim.clock()).now)));
    await lab.sim.advance((CLOSES_MS * 2) / 3 - 10 * MINUTE_MS);
    await until('the last reminder of who still has not paid', async () => (await told(lab, waiting.who)) === 2);
    const second = await decided(lab, payer.who);
    expect(second === 1, `who paid is not reminded again: ${String(second)} reminders`);
    expect((await decided(lab, elsewhere.who)) === 0, 'nor is who bought elsewhere');
    lab.saw('ten minutes before the end: the last word for who has not paid, none for who has');
  },
};

async function unpaid(lab: Lab, name: string, orderNo: string, placedAt: Date) {
  const who = await lab.follower(name);
  const order = lifeOf({ orderNo, customer: { openid: who.openid }, price: 8_000, placedAt });
  await until(`${name} in the console`, async () => lab.customerOf(who));
  await lab.open.report(order.pending(CLOSES_MS));
  return { who, order };
}

const told = async (lab: Lab, who: Person): Promise<number> => (await noticesOf(lab, who, 'order-unpaid')).length;

/** Reminders that stand in the console, sent or about to be: what was due earlier stands there before what is due later arrives. */
async function decided(lab: Lab, who: Person): Promise<number> {
  const { conversationIds } = await lab.customerOf(who);
  const written = await Promise.all(conversationIds.map((id) => lab.messages(id)));
  return written.flat().filter((one) => one.direction === 'out' && textOf(one).includes('还没有付款')).length;
}
