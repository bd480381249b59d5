/** What the sample shop is planned to hold; that it is loaded so is held by launch.test.ts. */
import { describe, expect, it } from '@jest/globals';
import { planHabits } from '../../demo/sample-shop/habits.js';
import { reportsOf } from '../../demo/sample-shop/lives.js';
import { phoneOf, planMembers } from '../../demo/sample-shop/members.js';
import { planOrders } from '../../demo/sample-shop/orders.js';
import { planShop } from '../../demo/sample-shop/plan.js';
import type { WholePlan } from '../../demo/sample-shop/prove.js';
import { BehaviourInput, OrderInput } from '../../src/contracts/index.js';
import { orderProblems } from '../../src/domain/commerce/index.js';

const wholePlan = (filledAt: Date): WholePlan => {
  const plan = planShop(filledAt);
  return { ...plan, orders: planOrders(plan.customers, filledAt), members: planMembers(plan.customers, filledAt) };
};

const at = new Date('2026-06-01T04:00:00Z');
const hour = 3_600_000;

describe('the plan of the sample shop', () => {
  const plan = planShop(at);
  const talking = plan.customers.filter(({ lines }) => lines.length > 0);

  it('is the same for the same moment, and moves with it', () => {
    expect(planShop(at)).toEqual(plan);
    const later = planShop(new Date(at.getTime() + 24 * hour));
    expect(later.customers.map(({ openid }) => openid)).toEqual(plan.customers.map(({ openid }) => openid));
    expect(later.customers[0]?.followedAt.getTime()).toBe((plan.customers[0]?.followedAt.getTime() ?? 0) + 24 * hour);
  });

  it('has 2,000 people of two years, each with an openid of their own', () => {
    expect(plan.customers).toHaveLength(2000);
    expect(new Set(plan.customers.map(({ openid }) => openid)).size).toBe(2000);
    const days = plan.customers.map(({ followedAt }) => (at.getTime() - followedAt.getTime()) / 24 / hour);
    expect(Math.max(...days)).toBeGreaterThan(600);
    expect(Math.max(...days)).toBeLessThan(735);
    expect(Math.min(...days)).toBeGreaterThan(0);
  });

  it('has about 400 conversations: closed, served, waiting', () => {
    expect(talking.length).toBeGreaterThanOrEqual(390);
    const open = talking.filter(({ status }) => status === 'open');
    const served = open.filter(({ servedBy }) => servedBy !== undefined);
    expect(served.length).toBeGreaterThan(20);
    expect(open.length - served.length).toBeGreaterThan(8);
    expect(talking.length - open.length).toBeGreaterThan(300);
  });

  it('says nothing out of order, before people came, or in the future', () => {
    for (const { lines, followedAt } of talking) {
      const times = lines.map((line) => line.at.getTime());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThan(followedAt.getTime());
      expect(times.at(-1)).toBeLessThan(at.getTime());
    }
  });

  it('spends no more than WeChat allows: five messages after each of the customer’s', () => {
    for (const { lines } of talking) {
      let sent = 0;
      for (const { from } of lines) {
        if (from === 'customer') sent = 0;
        if (from === 'staff') sent += 1;
        expect(sent).toBeLessThanOrEqual(5);
      }
    }
  });

  it('keeps no text with an unfilled gap', () => {
    for (const { lines } of talking) for (const { text } of lines) expect(text).not.toMatch(/[{}]/);
  });
});

describe('the planned orders', () => {
  const { customers, orders, members } = wholePlan(at);
  const day = 24 * hour;

  it('are the same for the same moment: some 3,000 over two years, each with a number of its own', () => {
    expect(planOrders(customers, at)).toEqual(orders);
    expect(orders.length).toBeGreaterThan(2_700);
    expect(new Set(orders.map(({ input }) => input.orderNo)).size).toBe(orders.length);
    const ages = orders.map(({ input }) => (at.getTime() - input.placedAt.getTime()) / day);
    expect(Math.max(...ages)).toBeGreaterThan(600);
    expect(ages.filter((age) => age < 30).length).toBeGreaterThan(50);
  });

  it('are what the open API takes, none from before the customer came or from the future', () => {
    for (const { customer, input } of orders) {
      expect(OrderInput.safeParse(JSON.parse(JSON.stringify(input))).error).toBeUndefined();
      expect(orderProblems(input, at)).toEqual([]);
      expect(input.placedAt.getTime()).toBeGreaterThan((customers[customer]?.followedAt.getTime() ?? 0) - day);
      expect(input.updatedAt.getTime()).toBeLessThanOrEqual(at.getTime());
    }
  });

  it('hold every state a shop knows, refunds of a part and of all', () => {
    const states = new Set(orders.map(({ input }) => input.status));
    for (const state of ['pending', 'paid', 'dispatched', 'delivered', 'completed', 'closed', 'refunded'])
      expect(states).toContain(state);
    const partly = orders.filter(({ input }) => input.status !== 'refunded' && (input.refunds ?? []).length > 0);
    expect(partly.length).toBeGreaterThan(20);
  });

  it('come apart into reports in the order of their moments, the last of them the order itself', () => {
    for (const { input } of orders) {
      const reports = reportsOf(input);
      const times = reports.map(({ updatedAt }) => updatedAt.getTime());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(reports.at(-1)).toBe(input);
      for (const report of reports) expect(orderProblems(report, at)).toEqual([]);
    }
  });

  it('belong partly to members, who joined after they came and have a number of their own', () => {
    expect(members.length).toBeGreaterThan(400);
    for (const { customer, joinedAt, checkins, vouchers } of members) {
      expect(joinedAt.getTime()).toBeGreaterThan(customers[customer]?.followedAt.getTime() ?? Infinity);
      for (const moment of [...checkins, ...vouchers.map((one) => one.at)])
        expect(moment.getTime()).toBeGreaterThanOrEqual(joinedAt.getTime());
    }
    expect(new Set(customers.map(phoneOf)).size).toBe(customers.length);
  });
});

describe('the planned habits', () => {
  const { customers, members } = wholePlan(at);
  const habits = planHabits(customers, members, at);
  const did = habits.flatMap((one) => one.did.map((input) => ({ ...one, input })));

  it('are the same for the same moment: visits of the last 60 days, each once', () => {
    expect(planHabits(customers, members, at)).toEqual(habits);
    expect(did.length).toBeGreaterThan(300);
    expect(new Set(did.map(({ input }) => input.eventId)).size).toBe(did.length);
    for (const { customer, input } of did) {
      expect(BehaviourInput.safeParse(JSON.parse(JSON.stringify(input))).error).toBeUndefined();
      expect(input.at.getTime()).toBeGreaterThan(customers[customer]?.followedAt.getTime() ?? Infinity);
      expect(input.at.getTime()).toBeGreaterThan(at.getTime() - 61 * 24 * hour);
      expect(input.at.getTime()).toBeLessThanOrEqual(at.getTime());
    }
  });

  it('are noted of some, and taken back only by members, after they joined', () => {
    expect(habits.filter(({ tags }) => tags.length > 0).length).toBeGreaterThan(150);
    const withdrawn = habits.filter(({ withdrew }) => withdrew);
    expect(withdrawn.length).toBeGreaterThan(10);
    const joinedAt = new Map(members.map((one) => [one.customer, one.joinedAt]));
    for (const { customer, withdrew } of withdrawn) {
      expect(withdrew?.getTime()).toBeGreaterThan(joinedAt.get(customer)?.getTime() ?? Infinity);
      expect(withdrew?.getTime()).toBeLessThan(at.getTime());
    }
  });
});
