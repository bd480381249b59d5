import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StaffModule } from '../../../src/domain/staff/index.js';
import { PASSWORD, freshName, openTestDatabase } from './setup.js';
import type { TestDatabase } from './setup.js';

const HOUR_MS = 3_600_000;
let db: TestDatabase;
let staff: StaffModule;
beforeAll(async () => {
  db = await openTestDatabase();
  staff = db.staffWith();
  await staff.addStaff({ account: 'first.admin', name: 'Admin', role: 'admin', password: PASSWORD });
});
afterAll(() => db.close());

async function person(role: 'agent' | 'admin' = 'agent') {
  const account = freshName();
  const member = await staff.addStaff({ account, name: 'Lin', role, password: PASSWORD });
  const signIn = async (password = PASSWORD): Promise<string | undefined> => {
    const result = await staff.signIn({
      body: { account, password },
      address: `10.1.0.${Math.floor(Math.random() * 250)}`,
    });
    return result.kind === 'signedIn' ? result.secret : undefined;
  };
  const secret = await signIn();
  if (!secret) throw new Error('did not sign in');
  return { id: member.id, account, secret, signIn };
}

const refusal = (code: string) => expect.objectContaining({ name: 'RequestProblem', code });

describe('stored secrets', () => {
  it('keeps passwords as argon2id, sessions and tokens as hashes', async () => {
    const { id, secret } = await person();
    const { token } = await staff.tokens.add(id, { name: 'script', expiresInDays: 1 });
    const db0 = db.database.connection;
    const everything = JSON.stringify([
      await db0.collection('staff').find().toArray(),
      await db0.collection('staff_sessions').find().toArray(),
      await db0.collection('staff_tokens').find().toArray(),
    ]);
    expect(everything).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    for (const plain of [PASSWORD, secret, token, token.slice(10)]) expect(everything).not.toContain(plain);
  });

  it('has the indexes it counts on: unique accounts, and expiry where rows must go', async () => {
    const indexes = await Promise.all(
      ['staff_sessions', 'staff_tokens', 'staff_captchas', 'staff_attempts', 'audit'].map((name) =>
        db.database.connection.collection(name).indexes(),
      ),
    );
    for (const list of indexes) expect(list).toContainEqual(expect.objectContaining({ expireAfterSeconds: 0 }));
    await expect(
      staff.addStaff({ account: 'first.admin', name: 'X', role: 'agent', password: PASSWORD }),
    ).rejects.toEqual(refusal('staff.accountTaken'));
  });
});

describe('sessions', () => {
  it('slide with use, end without use, and end for good after seven days', async () => {
    const idle = await person();
    db.skip(12 * HOUR_MS + 1000);
    expect(await staff.session(idle.secret)).toBeUndefined();

    const used = await person();
    for (let hour = 0; hour < 7 * 24 - 11; hour += 11) {
      expect(await staff.session(used.secret)).toBeDefined();
      db.skip(11 * HOUR_MS);
    }
    db.skip(10 * HOUR_MS);
    expect(await staff.session(used.secret)).toBeUndefined();
  });

  it('are not kept alive by looking at them', async () => {
    const { secret } = await person();
    db.skip(11 * HOUR_MS);
    expect(await staff.session(secret, false)).toBeDefined();
    db.skip(2 * HOUR_MS);
    expect(await staff.session(secret)).toBeUndefined();
  });

  it('have a CSRF token of their own', async () => {
    const one = await person();
    const again = await one.signIn();
    const [a, b] = [await staff.session(one.secret), await staff.session(again ?? '')];
    expect(a?.csrfToken).toMatch(/^[\w-]{43}$/);
    expect(a?.csrfToken).not.toBe(b?.csrfToken);
  });

  it('end on sign-out, on disabling, and on a new password', async () => {
    const out = await person();
    await staff.signOut(out.secret);
    expect(await staff.session(out.secret)).toBeUndefined();

    const disabled = await person();
    const { token } = await staff.tokens.add(disabled.id, { name: 'script', expiresInDays: 9 });
    expect(await staff.token(token)).toBeDefined();
    await staff.accounts.change(disabled.id, { disabled: true });
    expect(await staff.session(disabled.secret)).toBeUndefined();
    expect(await staff.token(token)).toBeUndefined();
    await staff.accounts.change(disabled.id, { disabled: false });
    expect(await staff.session(disabled.secret)).toBeUndefined();

    const reset = await person();
    await staff.accounts.resetPassword(reset.id, 'another password');
    expect(await staff.session(reset.secret)).toBeUndefined();
    expect(await reset.signIn()).toBeUndefined();
    expect(await reset.signIn('another password')).toBeDefined();
  });

  it('of others end when one changes the own password; the asking one goes on', async () => {
    const own = await person();
    const other = (await own.signIn()) ?? '';
    await expect(
      staff.accounts.changePassword(own.id, { current: 'not it', password: 'another password' }, own.secret),
    ).rejects.toEqual(refusal('staff.wrongPassword'));
    await staff.accounts.changePassword(own.id, { current: PASSWORD, password: 'another password' }, own.secret);
    expect(await staff.session(own.secret)).toBeDefined();
    expect(await staff.session(other)).toBeUndefined();
  });

  it('take the role of the moment', async () => {
    const { id, secret } = await person();
    expect((await staff.session(secret))?.permissions).not.toContain('strategies.edit');
    await staff.accounts.change(id, { role: 'marketer' });
    expect((await staff.session(secret))?.permissions).toContain('strategies.edit');
  });
});

describe('access tokens', () => {
  it('work until they expire or are removed by their owner', async () => {
    const owner = await person();
    const stranger = await person();
    const made = await staff.tokens.add(owner.id, { name: 'script', expiresInDays: 2 });
    expect((await staff.token(made.token))?.staff.id).toBe(owner.id);
    expect(JSON.stringify(await staff.tokens.list(owner.id))).not.toContain(made.token);
    await expect(staff.tokens.remove(stranger.id, made.id)).rejects.toEqual(refusal('token.notFound'));
    db.skip(49 * HOUR_MS);
    expect(await staff.token(made.token)).toBeUndefined();
    const second = await staff.tokens.add(owner.id, { name: 'script', expiresInDays: 2 });
    await staff.tokens.remove(owner.id, second.id);
    expect(await staff.token(second.token)).toBeUndefined();
  });

  it('are at most twenty each', async () => {
    const { id } = await person();
    for (let i = 0; i < 20; i += 1) await staff.tokens.add(id, { name: `t${i}`, expiresInDays: 1 });
    await expect(staff.tokens.add(id, { name: 'more', expiresInDays: 1 })).rejects.toEqual(refusal('token.tooMany'));
  });
});

describe('the last admin', () => {
  it('cannot be disabled or demoted, even when two admins remove each other at once', async () => {
    const { items } = await staff.accounts.list({ limit: 100 });
    const admins = items.filter(({ role, disabled }) => role === 'admin' && !disabled);
    expect(admins).toHaveLength(1);
    const first = admins[0]?.id ?? '';
    await expect(staff.accounts.change(first, { disabled: true })).rejects.toEqual(refusal('staff.lastAdmin'));
    await expect(staff.accounts.change(first, { role: 'agent' })).rejects.toEqual(refusal('staff.lastAdmin'));
    for (let round = 0; round < 5; round += 1) {
      const second = await person('admin');
      await Promise.allSettled([
        staff.accounts.change(first, { role: 'manager' }),
        db.staffWith().accounts.change(second.id, { role: 'manager' }),
      ]);
      const left = (await staff.accounts.list({ limit: 100 })).items.filter(({ role }) => role === 'admin');
      expect(left).toHaveLength(1);
      await staff.accounts.change(first, { role: 'admin' });
      await staff.accounts.change(second.id, { role: 'manager' });
    }
  });
});

describe('the audit log', () => {
  it('lists newest first, page by page, without doubles', async () => {
    const entry = {
      staffId: null,
      staffName: null,
      subject: null,
      address: '10.0.0.1',
      outcome: 'done',
      requestId: 'r',
    } as const;
    for (let i = 0; i < 7; i += 1) await staff.audit.add({ ...entry, action: `test.${i}` });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await staff.audit.list({ limit: 3, cursor });
      seen.push(...page.items.map(({ action }) => action));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen.filter((action) => action.startsWith('test.'))).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `test.${i}`));
    await expect(staff.audit.list({ limit: 3, cursor: '{"$gt":1}' })).rejects.toEqual(refusal('request.badCursor'));
  });
});
