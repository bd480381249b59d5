/** `huike keys` on a real database, by the command line as it is typed. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addKeyCommands } from '../../src/cli/keys.js';
import { createApiKeys } from '../../src/domain/staff/index.js';
import type { ApiKeys } from '../../src/domain/staff/index.js';
import { createKeyRing } from '../../src/infra/crypto.js';
import { openTestDatabase } from '../domain/staff/setup.js';
import type { TestDatabase } from '../domain/staff/setup.js';

let db: TestDatabase;
let keys: ApiKeys;
const said: string[] = [];
const noted: Array<[action: string, subject: string]> = [];
beforeAll(async () => {
  db = await openTestDatabase();
  keys = createApiKeys({
    database: db.database,
    keys: createKeyRing([`k1:${Buffer.alloc(32, 3).toString('base64')}`]),
  });
  await keys.ensureIndexes();
});
afterAll(() => db.close());
beforeEach(() => {
  said.length = 0;
  noted.length = 0;
});

async function huike(...typed: string[]): Promise<string[]> {
  const program = new Command('huike').exitOverride().configureOutput({ writeErr: () => undefined });
  addKeyCommands(program, {
    say: (line) => said.push(line),
    withKeys: (work) => work(keys, async (action, subject) => void noted.push([action, subject])),
  });
  await program.parseAsync(['keys', ...typed], { from: 'user' });
  return said;
}

describe('huike keys', () => {
  it('says so when there is none', async () => {
    expect(await huike('list')).toEqual(['There is no key. Make one with: huike keys add <name>']);
  });

  it('makes one that works, lists it without its secret, revokes it; each change is in the audit log', async () => {
    const made = await huike('add', 'Mall', '--verifies-phones', '--source', 'mall', '--source', 'till');
    const id = /^Key: ([0-9a-f]{24})$/m.exec(made.join('\n'))?.[1] ?? '';
    const secret = /^Secret: (huike_sec_[\w-]{43})$/m.exec(made.join('\n'))?.[1] ?? '';
    expect(noted).toEqual([['key.add', id]]);
    const signature = createHmac('sha256', secret).update('x').digest('hex');
    expect(await keys.prove({ keyId: id, text: 'x', signature })).toEqual({
      kind: 'proved',
      key: { keyId: id, name: 'Mall', verifiesPhones: true, sources: ['mall', 'till'] },
    });
    said.length = 0;
    expect((await huike('list')).join('\n')).toMatch(
      new RegExp(`^${id} Mall: in use; sources mall, till; verifies phones; made .* by huike; last used `),
    );
    expect(said.join('\n')).not.toContain('huike_sec_');
    await huike('revoke', id);
    expect(noted.at(-1)).toEqual(['key.revoke', id]);
    expect((await keys.prove({ keyId: id, text: 'x', signature })).kind).toBe('revoked');
    said.length = 0;
    expect((await huike('list'))[0]).toContain('revoked 20');
  });

  it('binds a key to nothing unless told', async () => {
    await huike('add', 'Plain');
    expect((await keys.list())[0]).toMatchObject({ name: 'Plain', verifiesPhones: false, sources: [] });
  });

  it.each([
    [['add', ' '], /name: /],
    [['add', 'Mall', '--source', ''], /sources\.0: /],
    [['revoke', 'mall'], /mall is not the id of a key/],
    [['revoke', '0'.repeat(24)], /No such key/],
  ])('%j is refused in one sentence, and nothing is noted', async (typed, message) => {
    await expect(huike(...typed)).rejects.toThrow(message);
    await expect(huike(...typed)).rejects.toMatchObject({ name: 'StartProblem' });
    expect(noted).toEqual([]);
  });

  it('without a name is a wrong use', async () => {
    await expect(huike('add')).rejects.toMatchObject({ code: 'commander.missingArgument' });
  });
});
