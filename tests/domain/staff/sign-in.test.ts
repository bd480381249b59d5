import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StaffModule } from '../../../src/domain/staff/index.js';
import { CAPTCHA_ANSWER, PASSWORD, freshName, openTestDatabase } from './setup.js';
import type { TestDatabase } from './setup.js';

const MINUTE_MS = 60_000;
let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const rules = { lockoutFailures: 5, captchaAfterFailures: 3, lockoutMinutes: 15 };
const addPerson = async (staff: StaffModule): Promise<string> => {
  const account = freshName();
  await staff.addStaff({ account, name: 'Lin', role: 'agent', password: PASSWORD });
  return account;
};
let addresses = 0;
const newAddress = (): string => `10.0.${Math.floor((addresses += 1) / 250)}.${addresses % 250}`;

async function tryTimes(
  staff: StaffModule,
  { times, account, captcha }: { times: number; account: string; captcha?: boolean },
) {
  const kinds: string[] = [];
  for (let i = 0; i < times; i += 1) {
    const solved = captcha ? { captcha: { id: (await staff.captcha()).id, answer: CAPTCHA_ANSWER } } : {};
    const body = { account, password: 'wrong password', ...solved };
    kinds.push((await staff.signIn({ body, address: newAddress() })).kind);
  }
  return kinds;
}

describe('signing in', () => {
  it('takes the right password and gives a session', async () => {
    const staff = db.staffWith(rules);
    const account = await addPerson(staff);
    const result = await staff.signIn({
      body: { account: account.toUpperCase(), password: PASSWORD },
      address: newAddress(),
    });
    if (result.kind !== 'signedIn') throw new Error(result.kind);
    expect(Buffer.from(result.secret, 'base64url')).toHaveLength(32);
    expect((await staff.session(result.secret))?.staff.account).toBe(account);
    expect(await staff.session(`${result.secret}x`)).toBeUndefined();
  });

  it.each(['known', 'unknown'])(
    'asks for a captcha after three failures and locks after five: %s account',
    async (which) => {
      const staff = db.staffWith(rules);
      const account = which === 'known' ? await addPerson(staff) : freshName();
      expect(await tryTimes(staff, { times: 4, account })).toEqual([
        'wrongCredentials',
        'wrongCredentials',
        'wrongCredentials',
        'captchaRequired',
      ]);
      expect(await tryTimes(staff, { times: 3, account, captcha: true })).toEqual([
        'wrongCredentials',
        'wrongCredentials',
        'locked',
      ]);
      const right = await staff.signIn({ body: { account, password: PASSWORD }, address: newAddress() });
      expect(right.kind).toBe('locked');
    },
  );

  it('lets the right person in after the lock, and forgets the failures', async () => {
    const staff = db.staffWith({ ...rules, captchaAfterFailures: 100 });
    const account = await addPerson(staff);
    await tryTimes(staff, { times: 5, account });
    const attempt = () => staff.signIn({ body: { account, password: PASSWORD }, address: newAddress() });
    expect((await attempt()).kind).toBe('locked');
    db.skip(14 * MINUTE_MS);
    expect((await attempt()).kind).toBe('locked');
    db.skip(2 * MINUTE_MS);
    expect((await attempt()).kind).toBe('signedIn');
    expect(await tryTimes(staff, { times: 4, account })).toEqual(Array(4).fill('wrongCredentials'));
  });

  it('shares the count between processes and never tries more passwords than allowed, however many come at once', async () => {
    const one = db.staffWith({ ...rules, captchaAfterFailures: 100 });
    const other = db.staffWith({ ...rules, captchaAfterFailures: 100 });
    const account = await addPerson(one);
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) => tryTimes(i % 2 ? one : other, { times: 1, account })),
    );
    const kinds = results.flat();
    expect(kinds.filter((kind) => kind === 'wrongCredentials')).toHaveLength(5);
    expect(kinds.filter((kind) => kind === 'locked')).toHaveLength(7);
  });

  it('tries every one of them when there is no limit to reach, which is what the limit is for', async () => {
    const staff = db.staffWith({ lockoutFailures: 1000, captchaAfterFailures: 1000 });
    const account = await addPerson(staff);
    const results = await Promise.all(Array.from({ length: 12 }, () => tryTimes(staff, { times: 1, account })));
    expect(results.flat()).toEqual(Array(12).fill('wrongCredentials'));
  });

  it('locks an address that tries many accounts, and only that address', async () => {
    const staff = db.staffWith({ ...rules, lockoutAddressFailures: 4, captchaAfterAddressFailures: 100 });
    const address = newAddress();
    for (let i = 0; i < 4; i += 1) await staff.signIn({ body: { account: freshName(), password: 'x' }, address });
    const account = await addPerson(staff);
    const from = (where: string) => staff.signIn({ body: { account, password: PASSWORD }, address: where });
    expect((await from(address)).kind).toBe('locked');
    expect((await from(newAddress())).kind).toBe('signedIn');
  });

  it('takes a captcha once, the right answer only, for two minutes only', async () => {
    const staff = db.staffWith({ ...rules, captchaAfterFailures: 0 });
    const account = await addPerson(staff);
    const attempt = (id: string, answer: string) =>
      staff.signIn({ body: { account, password: PASSWORD, captcha: { id, answer } }, address: newAddress() });
    const first = await staff.captcha();
    expect((await attempt(first.id, 'AAAAC')).kind).toBe('captchaRequired');
    expect((await attempt(first.id, CAPTCHA_ANSWER)).kind).toBe('captchaRequired');
    const second = await staff.captcha();
    expect((await attempt(second.id, 'aaaaa')).kind).toBe('signedIn');
    expect((await attempt(second.id, CAPTCHA_ANSWER)).kind).toBe('captchaRequired');
    const third = await staff.captcha();
    db.skip(121_000);
    expect((await attempt(third.id, CAPTCHA_ANSWER)).kind).toBe('captchaRequired');
  });

  it('answers a disabled account as a wrong password', async () => {
    const staff = db.staffWith(rules);
    const account = freshName();
    await staff.addStaff({ account: freshName(), name: 'Boss', role: 'admin', password: PASSWORD });
    const { id } = await staff.addStaff({ account, name: 'Gone', role: 'agent', password: PASSWORD });
    await staff.accounts.change(id, { disabled: true });
    const result = await staff.signIn({ body: { account, password: PASSWORD }, address: newAddress() });
    expect(result.kind).toBe('wrongCredentials');
  });

  it('spends the same work on unknown accounts', async () => {
    const staff = db.staffWith({ ...rules, lockoutFailures: 100, captchaAfterFailures: 100 });
    const known = await addPerson(staff);
    const unknown = freshName();
    await staff.signIn({ body: { account: unknown, password: 'warm up' }, address: newAddress() });
    const spent = async (account: string): Promise<number> => {
      const times: number[] = [];
      for (let i = 0; i < 7; i += 1) {
        const startedAt = performance.now();
        await staff.signIn({ body: { account, password: 'wrong' }, address: newAddress() });
        times.push(performance.now() - startedAt);
      }
      return times.sort((a, b) => a - b)[3] ?? 0;
    };
    const [forKnown, forUnknown] = [await spent(known), await spent(unknown)];
    expect(forUnknown / forKnown).toBeGreaterThan(0.5);
    expect(forUnknown / forKnown).toBeLessThan(2);
  });
});
