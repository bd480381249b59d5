/** Whoever gives back by parts ends where whoever gave back at once does, to the point. */
import { expect } from '../judge.js';
import type { Lab } from '../lab.js';
import { buyer } from './buying.js';
import type { Step } from './index.js';

const PRICE = 19_999;
const PART = [3_333, 3_333, 3_334];
const REST = PRICE - 10_000;

export const refunds: Step = {
  name: 'refunds',
  title: { 'zh-CN': '分三次退款与一次退款积分相同', en: 'three partial refunds equal one' },
  async run(lab) {
    const [bits, whole] = [await completed(lab, 'REFUND-A'), await completed(lab, 'REFUND-B')];
    const begun = await stateOf(bits);
    expect(begun === (await stateOf(whole)) && begun.includes('199'), `both begin with 199 points: ${begun}`);
    for (const count of [1, 2, 3]) await lab.open.report(bits.order.refunded(PART.slice(0, count)));
    await lab.open.report(whole.order.refunded([10_000]));
    const [a, b] = [await stateOf(bits), await stateOf(whole)];
    expect(a === b && a !== begun, `100 yuan back in three steps leave what 100 yuan at once do: ${a} and ${b}`);
    lab.saw(`after 100 of 199.99 yuan, three refunds or one: ${a}`);

    await lab.open.report(bits.order.refunded([...PART, REST]));
    await lab.open.report(whole.order.refunded([PRICE]));
    const [none, also] = [await stateOf(bits), await stateOf(whole)];
    expect(none === also, `all of it back in four steps leaves what one refund does: ${none} and ${also}`);
    expect(
      none === 'pending 0, available 0, debt 0, growth 0',
      `nothing is left of an order that came back whole: ${none}`,
    );
    lab.saw(`after all of it: ${none}`);
  },
};

type Bought = Awaited<ReturnType<typeof buyer>>;

async function completed(lab: Lab, orderNo: string): Promise<Bought> {
  const bought = await buyer(lab, `退货的人 ${orderNo.slice(-1)}`, orderNo, PRICE);
  await lab.open.report(bought.order.completed());
  return bought;
}

async function stateOf({ card }: Bought): Promise<string> {
  const { points, level } = await card.me();
  const { pending, available, debt } = points;
  return `pending ${String(pending)}, available ${String(available)}, debt ${String(debt)}, growth ${String(level.growth)}`;
}
