/** Broadcasts over the whole app, from the draft to what lies on people's phones: everybody ends in one state with its reason. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inHoldout } from '../../src/domain/marketing/index.js';
import { good, refused } from '../helpers/answers.js';
import type { Body } from '../helpers/answers.js';
import { DAY_MS, HOUR_MS, openOrderShop } from '../helpers/order-shop.js';
import type { OrderShop } from '../helpers/order-shop.js';
import { eventually, miniAccount } from '../helpers/shop.js';
import type { MemberClient, StaffClient } from '../helpers/shop.js';

type Count = { state: string; reason: string | null; people: number };
interface Reach {
  people: number;
  heldOut: number;
  byRoute: Array<{ route: string; people: number }>;
  byReason: Count[];
}
interface View {
  id: string;
  state: string;
  revision: number;
  needsApproval: boolean;
  audienceSize: number | null;
  forecast: (Reach & { stale: boolean }) | null;
  tests: Array<{ outcome: string; stale: boolean }>;
}
interface Results {
  actual: Reach;
  counts: Count[];
  massSends: Array<{ state: string; people: number; totals: { total: number; sent: number } | null }>;
  effect: { told: { people: number; buyers: number; spent: number }; heldOut: { people: number }; counting: boolean };
}
type Row = { customerId: string; state: string; reason: string | null; route: string | null };

const TEMPLATE = 'sub-news';
const TEXT = '冬季上新，到店看看';
let shop: OrderShop;
let mei: StaffClient;
let wang: StaffClient;
let agent: StaffClient;
const members = new Map<string, MemberClient>();

beforeAll(async () => {
  shop = await openOrderShop({
    config: (read) => ({
      ...read,
      marketing: { ...read.marketing, approval: { people: 5, costFen: 1_000_000 } },
      delivery: {
        ...read.delivery,
        ratePerSecond: { ...read.delivery.ratePerSecond, bulk: 1 },
        concurrency: { ...read.delivery.concurrency, bulk: 2 },
      },
    }),
  });
  mei = await shop.staff('marketer', 'mei');
  wang = await shop.staff('manager', 'wang');
  agent = await shop.staff('agent', 'lin');
  for (const name of ['f-1', 'f-2', 'f-3', 'f-4', 'f-td', 'f-gone', 'f-asks']) await follower(name);
  for (const name of ['m-1', 'm-2', 'm-3', 'm-4']) await member(name);
  await member('m-kid', { age: '14to17' });
  await member('m-no', { consents: [] });
  for (const name of grantees) await member(name, { grant: true });
  await say('f-td', 'TD');
  await shop.control('people/f-gone/unfollow');
  await say('f-asks', '在吗');
  await eventually(async () => (await personIds()).length === everybody.length && (await known('f-td')).consents > 0);
}, 120_000);
afterAll(() => shop.stop());

const grantees = ['g-1', 'g-2', 'g-3', 'g-4', 'g-5', 'g-6', 'g-7', 'g-8'];
const everybody: string[] = [];
const openids = new Map<string, string>();

async function follower(openid: string): Promise<void> {
  await shop.addPerson(openid, openid);
  await shop.control(`people/${openid}/follow`);
  everybody.push(openid);
  openids.set(openid, openid);
}

/** Somebody of the mini-program alone; their official openid is never heard of. */
async function member(name: string, more: { age?: string; consents?: unknown[]; grant?: boolean } = {}): Promise<void> {
  await shop.addPerson(name, name, { mini: `${name}-mini` });
  const client = await shop.member(name);
  const { body } = await client.call('GET', 'texts');
  const { version } = body['privacy'] as unknown as { version: string };
  const agreed = [{ purpose: 'promotion', channel: 'wechat', version }];
  const { age = 'adult', consents = agreed } = more;
  await good(client.call('POST', 'join', { privacyVersion: version, age, consents }));
  if (more.grant) await grant(name);
  members.set(name, client);
  everybody.push(name);
  openids.set(name, `${name}-mini`);
}

const grant = (name: string) => shop.control(`people/${name}/grant`, { templateId: TEMPLATE, accept: true });
const say = (openid: string, content: string) => shop.control(`people/${openid}/say`, { type: 'text', content });
const { personIds, known } = {
  personIds: () => shop.app.domain.models.segments.portraits.distinct('_id'),
  known: async (name: string) => {
    const person = await shop.personAt(openids.get(name) ?? name);
    const consents = await shop.app.domain.models.people.consents.countDocuments({
      customerId: { $in: person.customerIds },
    });
    return { id: String(person.id), customerId: String(person.customerIds[0]), consents };
  },
};
const draft = (more: object = {}) => ({
  ...{ name: '冬季上新', metric: 'conversion-rate', audience: { all: [] } },
  message: {
    purpose: 'promotion',
    variants: {
      'mass-send': { type: 'text', text: TEXT },
      'member-inbox': { type: 'notice', templateId: '', data: { text: `{name|朋友}，${TEXT}` } },
      'subscription-notice': { type: 'notice', templateId: TEMPLATE, data: { thing1: '冬季上新' } },
    },
    variantAccounts: { 'subscription-notice': miniAccount.id },
  },
  ...more,
});
const at = (id: string, verb: string) => `broadcasts/${id}/${verb}`;
const post = (by: StaffClient, id: string, verb: string, body: object | undefined = undefined) =>
  by.call('POST', at(id, verb), body);
const view = (id: string) => good<View>(mei.call('GET', `broadcasts/${id}`));
const results = (id: string) => good<Results>(mei.call('GET', at(id, 'results')));
const rowsOf = async (id: string, query = '') =>
  (await good<{ items: Row[] }>(mei.call('GET', `${at(id, 'audience')}?limit=100${query}`))).items;
const rowOf = async (id: string, name: string) => {
  const { customerId } = await known(name);
  return (await rowsOf(id)).find((row) => row.customerId === customerId);
};
const add = async (more: object = {}) =>
  String((await good<{ id: string }>(mei.call('POST', 'broadcasts', draft(more)), 201)).id);

async function forecast(id: string): Promise<Reach> {
  await good(post(mei, id, 'forecast'), 202);
  const done = await eventually(async () => {
    const { body } = await mei.call('GET', at(id, 'forecast'));
    return String(body['state']) !== 'counting' && body;
  });
  expect(done).toMatchObject({ state: 'done', reason: null });
  const { forecast: found } = await view(id);
  if (!found) throw new Error('the forecast did not land');
  expect(found.stale).toBe(false);
  return found;
}

/** A forecast, test and approval by a second person. */
async function approved(meanwhile: () => Promise<void> = async () => undefined): Promise<string> {
  const id = await add();
  await forecast(id);
  await meanwhile();
  await testTo(id, { channel: 'mini-program', account: miniAccount.id, user: 'm-4-mini' });
  await good(post(mei, id, 'submit'));
  await good(post(wang, id, 'approve', { revision: 1 }));
  return id;
}

async function testTo(id: string, to: object): Promise<void> {
  await good(post(mei, id, 'test', { to }));
  await eventually(async () => (await view(id)).tests.at(-1)?.outcome === 'sent');
}

const massesOf = async (openid: string) => (await shop.received(openid)).filter(({ route }) => route === 'mass').length;
const noticesOf = async (openid: string) =>
  (await shop.received(openid)).filter(({ route }) => route === 'notice').length;
const inboxOf = async (name: string): Promise<string[]> => {
  const answer = members.get(name)?.call('GET', 'messages');
  if (!answer) throw new Error(`${name} has no mini-program`);
  return (await good<{ items: Array<{ text: string }> }>(answer)).items.map(({ text }) => text);
};
const sum = (counts: readonly { people: number }[]) => counts.reduce((all, { people }) => all + people, 0);
const byName = <T extends object>(list: readonly T[]) => list.map((one) => JSON.stringify(one)).sort();
const allDecided = (id: string) =>
  eventually(async () => {
    const { counts } = await results(id);
    const open = counts.filter(({ state }) => state === 'waiting' || state === 'queued');
    return open.length === 0 && sum(counts) === everybody.length;
  }, 40_000);

describe('the whole way', () => {
  let id: string;
  let expected: Reach;
  const special = ['f-td', 'f-gone', 'f-asks', 'm-kid', 'm-no'];

  it('is written and counted before anybody hears of it', async () => {
    // The hold-out goes by the broadcast's id: one in which it takes some, and none of whom a reason is expected.
    const people = await Promise.all(everybody.map(async (name) => ({ name, ...(await known(name)) })));
    for (;;) {
      id = await add({ holdoutPercent: 20 });
      const heldOut = people.filter((one) => inHoldout(`broadcast:${id}`, one.id, 20)).map(({ name }) => name);
      const followers = heldOut.filter((name) => name.startsWith('f-')).length;
      if (heldOut.length > 1 && followers < 3 && !heldOut.some((name) => special.includes(name))) break;
    }
    expect(await refused(mei.call('GET', at(id, 'forecast')))).toEqual([404, 'forecast.notFound']);
    expect(await refused(post(mei, id, 'submit'))).toEqual([409, 'broadcast.noForecast']);
    expected = await forecast(id);
    expect(expected).toMatchObject({ people: everybody.length });
    expect(sum(expected.byRoute) + sum(expected.byReason) + expected.heldOut).toBe(everybody.length);
    expect(byName(expected.byReason)).toEqual(
      byName([
        { state: 'skipped', reason: 'person.minor', people: 1 },
        { state: 'skipped', reason: 'consent.withdrawn', people: 1 },
        // No consent and no notice asked for: the reason nearest to a way.
        { state: 'skipped', reason: 'notice.notGranted', people: 1 },
        { state: 'skipped', reason: 'person.unfollowed', people: 1 },
        { state: 'held', reason: 'contact.hold.enquiry', people: 1 },
      ]),
    );
    expect(await inboxOf('m-1')).toEqual([]);
  }, 60_000);

  it('shows the message as a person would read it, and whether they would get it', async () => {
    const preview = async (name: string) =>
      good<{ message: { variants: Record<string, { data: Body }> }; verdict: Body }>(
        post(mei, id, 'preview', { customerId: (await known(name)).customerId }),
      );
    const shown = await preview('m-1');
    expect(shown.verdict).toMatchObject({ ok: true, route: 'member-inbox', reason: null });
    expect(shown.message.variants['member-inbox']?.data).toEqual({ text: expect.stringMatching(/^[^{]+，冬季上新/) });
    expect((await preview('m-kid')).verdict).toMatchObject({ ok: false, reason: 'person.minor', until: null });
    expect((await preview('f-asks')).verdict).toMatchObject({ ok: false, until: expect.any(String) });
  });

  it('needs a delivered test and a second person above the limits', async () => {
    expect(await view(id)).toMatchObject({ needsApproval: true });
    expect(await refused(post(mei, id, 'start'))).toEqual([409, 'broadcast.needsApproval']);
    await good(post(mei, id, 'submit'));
    expect(await refused(post(mei, id, 'approve', { revision: 1 }))).toEqual([409, 'broadcast.secondPerson']);
    expect(await refused(post(wang, id, 'approve', { revision: 1 }))).toEqual([409, 'broadcast.testMissing']);
    const asks = { channel: 'official-account', account: 'main', user: 'f-asks' };
    const nobody = { ...asks, user: 'f-nobody' };
    expect(await refused(post(mei, id, 'test', { to: nobody }))).toEqual([404, 'address.notFound']);
    expect(await refused(post(mei, id, 'test', { to: { ...asks, user: 'f-gone' } }))).toEqual([
      409,
      'address.unreachable',
    ]);
    await testTo(id, asks);
    const got = (await shop.received('f-asks')).at(-1);
    expect([got?.route, JSON.stringify(got?.content)]).toEqual(['customer', expect.stringContaining('【测试】')]);
    await testTo(id, { channel: 'mini-program', account: miniAccount.id, user: 'm-no-mini' });
    expect(await inboxOf('m-no')).toEqual([expect.stringContaining('【测试】')]);
    expect(await refused(post(agent, id, 'approve', { revision: 1 }))).toEqual([403, 'permission.denied']);
    expect(await refused(post(wang, id, 'approve', { revision: 2 }))).toEqual([409, 'broadcast.revisionStale']);
    expect(await good(post(wang, id, 'approve', { revision: 1 }))).toMatchObject({ state: 'approved' });
  }, 60_000);

  it('ends everybody in one state with its reason, as forecast, and on their phones', async () => {
    await Promise.all([good(post(mei, id, 'start')), post(mei, id, 'start')]);
    await allDecided(id);
    const { actual, counts, massSends } = await eventually(async () => {
      const now = await results(id);
      return now.massSends.every(({ totals }) => totals !== null) && now.massSends.length > 0 && now;
    });
    expect(sum(counts)).toBe(everybody.length);
    expect({ ...actual, byRoute: byName(actual.byRoute), byReason: byName(actual.byReason) }).toMatchObject({
      ...{ people: expected.people, heldOut: expected.heldOut },
      ...{ byRoute: byName(expected.byRoute), byReason: byName(expected.byReason) },
    });
    const masses = expected.byRoute.find(({ route }) => route === 'mass-send')?.people;
    expect(massSends).toEqual([expect.objectContaining({ state: 'submitted', people: masses })]);
    expect(massSends[0]?.totals).toMatchObject({ total: masses, sent: masses });
    const rows = await rowsOf(id);
    expect(new Set(rows.map(({ customerId }) => customerId)).size).toBe(everybody.length);
    for (const name of everybody) {
      const row = await rowOf(id, name);
      const got = [
        await massesOf(name),
        name.startsWith('f-') ? 0 : (await inboxOf(name)).filter((text) => !text.includes('测试')).length,
        await noticesOf(name),
      ];
      const route = row?.state === 'submitted' || row?.state === 'sent' ? row.route : null;
      const want = ['mass-send', 'member-inbox', 'subscription-notice'].map((one) => (one === route ? 1 : 0));
      expect([name, row?.state, got]).toEqual([name, row?.state, want]);
    }
    expect(rows.filter(({ state }) => state === 'heldOut')).toHaveLength(expected.heldOut);
  }, 90_000);

  it('tells the held one later, and nobody twice by a second start', async () => {
    expect(await refused(post(mei, id, 'start'))).toEqual([409, 'broadcast.notApproved']);
    const before = await Promise.all(everybody.map(massesOf));
    await shop.advance(3 * HOUR_MS);
    await eventually(async () => (await view(id)).state === 'finished', 30_000);
    // One alone is too few for a mass send.
    expect(await rowOf(id, 'f-asks')).toMatchObject({ state: 'skipped', reason: 'massSend.tooFew' });
    expect(await Promise.all(everybody.map(massesOf))).toEqual(before);
    const rows = await rowsOf(id);
    const told = rows.find(({ state, route }) => state === 'submitted' && route === 'mass-send');
    const openid = await nameOf(told?.customerId ?? '');
    await shop.report({
      ...{ source: 'shop', orderNo: 'B-1', customer: { openid }, status: 'paid', currency: 'CNY' },
      ...{ placedAt: shop.now().toISOString(), paidAt: shop.now().toISOString(), updatedAt: shop.now().toISOString() },
      ...{ amount: 70_000, paid: 70_000, freight: 0, discount: 0 },
      items: [{ sku: 'coat', name: '羊毛大衣', category: '外套', quantity: 1, price: 70_000 }],
    });
    const { effect } = await results(id);
    const bought = { buyers: 1, orders: 1, spent: 70_000 };
    expect(effect).toMatchObject({ told: { people: sum(expected.byRoute), ...bought }, counting: false });
    expect(effect.heldOut).toEqual({ people: expected.heldOut, buyers: 0, orders: 0, spent: 0 });
    expect(await refused(post(mei, id, 'cancel', { reason: '晚了' }))).toEqual([409, 'broadcast.over']);
    await good(post(mei, id, 'summary', { result: '好', learned: '早点发' }));
  }, 60_000);
});

describe('one that runs', () => {
  it('stops for everybody within ten seconds, and goes on when promotion may', async () => {
    await shop.advance(2 * DAY_MS);
    await shop.advanceTo('10:00');
    for (const name of grantees) await grant(name);
    const id = await approved();
    await good(post(mei, id, 'start'));
    const told = async () => sum(await Promise.all(grantees.map(async (one) => ({ people: await noticesOf(one) }))));
    const before = await told();
    await eventually(async () => (await told()) > before);
    await good(mei.call('POST', 'contact/stop', { reason: '投诉' }));
    expect(await good(mei.call('GET', 'contact'))).toMatchObject({ promotion: { stopped: true, by: 'mei' } });
    await new Promise((resume) => setTimeout(resume, 2500));
    const stopped = await told();
    await new Promise((resume) => setTimeout(resume, 3000));
    expect(await told()).toBe(stopped);
    const heldRows = await rowsOf(id, '&state=held&reason=promotion.stopped');
    expect(heldRows.length).toBeGreaterThan(0);
    // Who refuses meanwhile hears nothing afterwards.
    const name = await nameOf(heldRows[0]?.customerId ?? '');
    const refusing = members.get(name);
    if (!refusing) throw new Error(`${name} has no mini-program`);
    const { version } = (await good<{ privacy: { version: string } }>(refusing.call('GET', 'texts'))).privacy;
    await good(refusing.call('POST', 'privacy', { purpose: 'promotion', channel: 'wechat', given: false, version }));
    await good(mei.call('POST', 'contact/resume', { reason: '查清了' }));
    await shop.advance(HOUR_MS);
    await allDecided(id);
    expect(await rowOf(id, name)).toMatchObject({ state: 'skipped', reason: 'consent.withdrawn' });
    expect((await results(id)).counts.filter(({ state }) => state === 'held')).toEqual([]);
  }, 120_000);

  it('is paused, resumed and cancelled, each told with its reason', async () => {
    await shop.advance(2 * DAY_MS);
    await shop.advanceTo('10:00');
    await good(mei.call('POST', 'contact/stop', { reason: '先停' }));
    const id = await approved();
    expect(await refused(post(mei, id, 'pause', { reason: '太早' }))).toEqual([409, 'broadcast.notRunning']);
    await good(post(mei, id, 'start'));
    await eventually(async () => (await view(id)).state === 'running');
    expect(await good(post(mei, id, 'pause', { reason: '价格写错' }))).toMatchObject({
      ...{ state: 'paused', paused: { byName: 'mei', reason: '价格写错' } },
    });
    expect(await refused(mei.call('PUT', `broadcasts/${id}`, draft({ name: '改' })))).toEqual([
      409,
      'broadcast.notDraft',
    ]);
    expect(await good(post(mei, id, 'resume'))).toMatchObject({ state: 'running' });
    expect(await good(post(mei, id, 'cancel', { reason: '不发了' }))).toMatchObject({ state: 'cancelled' });
    await eventually(async () =>
      (await results(id)).counts.every(({ state }) => state !== 'waiting' && state !== 'held'),
    );
    const { counts } = await results(id);
    expect(sum(counts)).toBe((await view(id)).audienceSize);
    expect(counts.find(({ state }) => state === 'cancelled')?.reason).toBe('broadcast.cancelled');
    expect(counts.some(({ state }) => state === 'sent' || state === 'submitted')).toBe(false);
    await good(mei.call('POST', 'contact/resume', { reason: '好了' }));
    const copied = await good<View>(post(mei, id, 'copy', { name: '再来一次' }), 201);
    expect(copied).toMatchObject({ state: 'draft', revision: 1, forecast: null });
  }, 120_000);
});

describe('an audience that has grown since it was approved', () => {
  it('waits for a second person to look at it again', async () => {
    await shop.advance(2 * DAY_MS);
    await shop.advanceTo('10:00');
    const id = await approved(async () => {
      for (const name of ['f-new-1', 'f-new-2', 'f-new-3']) await follower(name);
      await eventually(async () => (await personIds()).length === everybody.length);
    });
    await good(post(mei, id, 'start'));
    await eventually(async () => (await view(id)).state === 'paused');
    expect(await view(id)).toMatchObject({
      ...{ paused: { by: 'clock', reason: 'broadcast.audienceGrew' }, audienceSize: everybody.length },
    });
    expect(await massesOf('f-new-1')).toBe(0);
    expect(await refused(post(mei, id, 'resume'))).toEqual([409, 'broadcast.secondPerson']);
    expect(await good(post(wang, id, 'resume'))).toMatchObject({ state: 'running', approved: { byName: 'wang' } });
    await eventually(async () => (await massesOf('f-new-1')) === 1);
  }, 120_000);
});

async function nameOf(customerId: string): Promise<string> {
  for (const name of everybody) if ((await known(name)).customerId === customerId) return name;
  throw new Error(`${customerId} is nobody of these`);
}
