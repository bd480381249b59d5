/** What the platform tells and takes back: profiles wanted, unionids that link, and forgetting. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Address, PlatformProfile } from '../../../src/contracts/index.js';
import { createCustomers, createMemberSessions } from '../../../src/domain/customers/index.js';
import { at, kindsOf, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
beforeEach(() => people.clear());

const chat = (user: string): Address => ({ channel: 'official-account', account: 'main', user });
const app = (user: string): Address => ({ channel: 'mini-program', account: 'mp', user });
const meet = (address: Address) => people.tx((tx) => people.customers.meet(tx, address, at));
const profile = (user: string, more: Partial<PlatformProfile> = {}) =>
  people.tx((tx) =>
    people.customers.takeProfile(tx, { address: chat(user), wantedAt: at, tries: 0 }, at, {
      user,
      following: true,
      ...more,
    }),
  );
const personOf = async (address: Address) => {
  const identity = await people.models.identities.findOne({ 'address.user': address.user }).lean();
  return String((await people.persons.of(null, identity!.customerId)).id);
};

describe('meeting', () => {
  it('asks for a profile only where the channel has profiles', async () => {
    await meet(chat('o1'));
    const met = await meet(app('o2'));
    expect(met.identity).toMatchObject({ following: true });
    expect((await people.customers.wantedProfiles(10)).map(({ address }) => address.user)).toEqual(['o1']);
    await people.models.identities.updateMany({}, { $set: { following: false }, $unset: { profileWantedAt: 1 } });
    for (const address of [chat('o1'), app('o2')]) {
      const again = await meet(address);
      await people.tx((tx) => people.customers.markActive(tx, again, at));
    }
    expect((await people.customers.wantedProfiles(10)).map(({ address }) => address.user)).toEqual(['o1']);
  });
});

describe('a unionid', () => {
  it('told by a profile and by a login makes one person of the two, whichever comes first', async () => {
    await meet(chat('o1'));
    const login = await meet(app('o2'));
    expect(kindsOf(await profile('o1', { unionid: 'u1' }))).toEqual(['customer.updated']);
    const events = await people.tx((tx) => people.identification.attachUnionid(tx, login.identity, 'u1', at));
    expect(kindsOf(events)).toEqual(['person.linked']);
    expect(await personOf(app('o2'))).toBe(await personOf(chat('o1')));

    const second = await meet(app('o3'));
    await people.tx((tx) => people.identification.attachUnionid(tx, second.identity, 'u2', at));
    await meet(chat('o4'));
    expect(kindsOf(await profile('o4', { unionid: 'u2' }))).toEqual(['customer.updated', 'person.linked']);
    expect(await personOf(chat('o4'))).toBe(await personOf(app('o3')));
    expect(await personOf(chat('o4'))).not.toBe(await personOf(chat('o1')));
  });

  it('links nobody when nobody identifies', async () => {
    const { models } = people;
    const plain = createCustomers(models, { left: () => Promise.resolve() });
    await meet(chat('o1'));
    const login = await meet(app('o2'));
    await people.tx((tx) => people.identification.attachUnionid(tx, login.identity, 'u1', at));
    await people.tx((tx) =>
      plain.takeProfile(tx, { address: chat('o1'), wantedAt: at, tries: 0 }, at, {
        user: 'o1',
        following: true,
        unionid: 'u1',
      }),
    );
    expect(await personOf(chat('o1'))).not.toBe(await personOf(app('o2')));
  });

  it('is deleted when the person leaves; the link stays, and coming back adds none', async () => {
    const met = await meet(chat('o1'));
    const login = await meet(app('o2'));
    await people.tx((tx) => people.identification.attachUnionid(tx, login.identity, 'u1', at));
    await profile('o1', { unionid: 'u1' });
    const left = new Date(at.getTime() + 60_000);
    await people.tx((tx) => people.customers.unfollow(tx, met, left));
    expect(await people.models.identities.findById(met.identity._id).lean()).not.toHaveProperty('unionid');
    expect(await personOf(chat('o1'))).toBe(await personOf(app('o2')));
    const again = await meet(chat('o1'));
    expect(await people.tx((tx) => people.identification.attachUnionid(tx, again.identity, 'u1', at))).toEqual([]);
  });
});

describe('taking back what the platform was allowed to tell', () => {
  it('deletes it, the phone it vouched for too, and ends the sessions of that address; links stay', async () => {
    const sessions = createMemberSessions(people.models);
    const login = await meet(app('o2'));
    const other = await meet(chat('o1'));
    await profile('o1', { unionid: 'u1' });
    await people.tx(async (tx) => {
      await people.identification.attachUnionid(tx, login.identity, 'u1', at);
      await people.profiles.verifyPhone(tx, login.customerId, '13800138000', at);
    });
    const { token } = await sessions.open(null, { customerId: login.customerId, address: app('o2') }, at);
    const events = await people.tx((tx) => people.customers.forgetPlatformData(tx, app('o2'), at));
    expect(kindsOf(events)).toEqual(['identity.unfollowed', 'customer.platformDataErased']);
    expect(people.left).toEqual(['o2']);
    expect(await sessions.find(token, at)).toBeUndefined();
    expect(await people.profiles.read([login.customerId])).toMatchObject({ phone: null });
    expect(await people.models.identities.findById(login.identity._id).lean()).not.toHaveProperty('unionid');
    expect(await people.models.identities.findById(other.identity._id).lean()).toHaveProperty('unionid');
    expect(await personOf(app('o2'))).toBe(await personOf(chat('o1')));
  });

  it('leaves a phone somebody else told, and does nothing for an unknown address', async () => {
    const login = await meet(app('o2'));
    const shop = { kind: 'shop' as const, id: 'shop' };
    await people.tx((tx) => people.profiles.put(tx, login.customerId, { phone: '13800138000' }, at, shop));
    await people.tx((tx) => people.customers.forgetPlatformData(tx, app('o2'), at));
    expect(await people.profiles.read([login.customerId])).toMatchObject({ phone: '138****8000' });
    expect(await people.tx((tx) => people.customers.forgetPlatformData(tx, app('o9'), at))).toEqual([]);
  });
});
