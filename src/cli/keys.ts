/** `huike keys`: makes, lists and revokes keys of shop systems. Knows the rules of the body, not the database. */
import type { Command } from 'commander';
import { AddApiKey } from '../contracts/index.js';
import type { ApiKey } from '../contracts/index.js';
import type { ApiKeys } from '../domain/staff/index.js';
import { RequestProblem, StartProblem } from '../errors.js';

export interface KeysParts {
  say(line: string): unknown;
  /** Opens what a command works on, and closes it after. `noted` writes the row of the audit log. */
  withKeys(
    work: (keys: ApiKeys, noted: (action: string, subject: string) => Promise<void>) => Promise<void>,
  ): Promise<void>;
}

/** Who made a key, where nobody is signed in: whoever runs this has the machine. */
const OPERATOR = 'huike';

export function addKeyCommands(program: Command, { say, withKeys }: KeysParts): void {
  const keys = program.command('keys').description('keys of shop systems for /open/v1');
  keys
    .command('add <name>')
    .description('makes a key and prints its id and its secret, which cannot be shown again')
    .option(
      '--verifies-phones',
      "this system checks its customers' phones by a code, so phones in its reports count as verified",
    )
    .option('--source <source>', 'the one source it may report for; may be repeated; any source when left out', collect)
    .action(async (name: string, options: { verifiesPhones?: true; source?: string[] }) => {
      const body = bodyOf({ name, verifiesPhones: options.verifiesPhones === true, sources: options.source ?? [] });
      await withKeys(async (store, noted) => {
        const added = await refusalsAsStartProblems(() => store.add(body, OPERATOR));
        await noted('key.add', added.id);
        for (const line of linesOfNew(added)) say(line);
      });
    });
  keys
    .command('list')
    .description('lists all keys, newest first')
    .action(() =>
      withKeys(async (store) => {
        const all = await store.list();
        for (const key of all) say(lineOf(key));
        if (all.length === 0) say('There is no key. Make one with: huike keys add <name>');
      }),
    );
  keys
    .command('revoke <id>')
    .description('revokes a key; requests signed with it are refused from now on')
    .action(async (id: string) => {
      if (!/^[0-9a-f]{24}$/.test(id)) throw new StartProblem(`${id} is not the id of a key. See: huike keys list`);
      await withKeys(async (store, noted) => {
        await refusalsAsStartProblems(() => store.revoke(id));
        await noted('key.revoke', id);
        say(`Revoked ${id}.`);
      });
    });
}

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** @throws StartProblem naming every wrong field. */
export function bodyOf(given: { name: string; verifiesPhones: boolean; sources: string[] }): AddApiKey {
  const body = AddApiKey.safeParse(given);
  if (body.success) return body.data;
  throw new StartProblem(body.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
}

export function linesOfNew({ id, name, secret }: ApiKey & { secret: string }): string[] {
  return [`Made the key ${name}.`, `Key: ${id}`, `Secret: ${secret}`];
}

export function lineOf(key: ApiKey): string {
  const about = [
    key.revokedAt === null ? 'in use' : `revoked ${key.revokedAt}`,
    key.sources.length > 0 ? `sources ${key.sources.join(', ')}` : 'any source',
    ...(key.verifiesPhones ? ['verifies phones'] : []),
    `made ${key.createdAt} by ${key.createdBy}`,
    key.lastUsedAt === null ? 'never used' : `last used ${key.lastUsedAt}`,
  ];
  return `${key.id} ${key.name}: ${about.join('; ')}`;
}

/** What the store refuses is for people to read, not a fault of the program. */
async function refusalsAsStartProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestProblem) throw new StartProblem(error.message);
    throw error;
  }
}
