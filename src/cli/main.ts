/** The operator's tool, `npm run huike -- <command>`. Reads the command line and reports; exit codes 0 ok, 1 failed, 2 bad usage. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import { loadConfig } from '../config.js';
import { staffRoles } from '../contracts/index.js';
import type { StaffRole } from '../contracts/index.js';
import { createApiKeys, createStaff } from '../domain/staff/index.js';
import { StartProblem } from '../errors.js';
import { createKeyRing, loadSecretKeys } from '../infra/crypto.js';
import { createLogger } from '../infra/logger.js';
import { openForOperator } from './database.js';
import { examine } from './doctor.js';
import { addImportCommand } from './import.js';
import { addKeyCommands } from './keys.js';
import { withImporter } from './open-importer.js';
import { sendFixture } from './receive.js';
import { addStaffMember } from './staff-add.js';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const config = () => loadConfig({ env: process.env, cwd: process.cwd() });
const log = createLogger({ level: 'silent' });

/** Whoever runs this has the machine; the audit log says so where nobody is signed in. */
const byOperator = {
  staffId: null,
  staffName: 'huike',
  address: 'local',
  outcome: 'done' as const,
  requestId: `huike-${randomUUID()}`,
};

const program = new Command('huike').description("Huike's operator tool.").exitOverride().showHelpAfterError();

program
  .command('doctor')
  .description('checks configuration, data folder, database, queue and each channel account')
  .action(async () => {
    const findings = await examine({ loadConfig: config, log });
    for (const { ok, part, detail } of findings) say(`${ok ? 'ok  ' : 'FAIL'} ${part}: ${detail}`);
    if (findings.some((finding) => !finding.ok)) process.exitCode = 1;
  });

const staff = program.command('staff').description('staff accounts');
staff
  .command('add <account>')
  .description('adds a staff account; prints a password when none is given')
  .requiredOption('--name <name>', 'the name colleagues see')
  .addOption(new Option('--role <role>', 'what the account may do').choices([...staffRoles]).default('agent'))
  .option('--password-file <file>', 'a file whose first line is the password')
  .action(async (account: string, options: { name: string; role: StaffRole; passwordFile?: string }) => {
    const password = options.passwordFile
      ? (await readFile(options.passwordFile, 'utf8')).split(/\r?\n/)[0]
      : undefined;
    const { mongodbUri, dataDir } = config();
    const database = await openForOperator({ uri: mongodbUri, dataDir, log });
    try {
      const module = createStaff({ database });
      await module.ensureIndexes();
      const body = { account, name: options.name, role: options.role, password };
      const add: typeof module.addStaff = async (fields) => {
        const added = await module.addStaff(fields);
        await module.audit.add({ ...byOperator, action: 'staff.add', subject: added.id });
        return added;
      };
      for (const line of await addStaffMember(add, body)) say(line);
    } finally {
      await database.close();
    }
  });

program
  .command('receive <fixture>')
  .description(
    "posts a message from a file (XML or JSON) to a running server, signed and encrypted as the account's mode says",
  )
  .option('--account <id>', 'which official account; the first one when left out')
  .option('--url <base>', "the server's address; this machine's configured port when left out")
  .action(async (fixture: string, options: { account?: string; url?: string }) => {
    const text = await readFile(fixture, 'utf8');
    const answer = await sendFixture({ config: config(), text, ...options });
    say(`${answer.status} ${answer.body || '(empty)'}`);
    if (answer.status !== 200) process.exitCode = 1;
  });

addKeyCommands(program, {
  say,
  withKeys: async (work) => {
    const settings = config();
    const database = await openForOperator({ uri: settings.mongodbUri, dataDir: settings.dataDir, log });
    try {
      const apiKeys = createApiKeys({ database, keys: createKeyRing(loadSecretKeys(settings)) });
      const module = createStaff({ database });
      await apiKeys.ensureIndexes();
      await module.ensureIndexes();
      await work(apiKeys, (action, subject) => module.audit.add({ ...byOperator, action, subject }));
    } finally {
      await database.close();
    }
  },
});

addImportCommand(program, { say, withImporter: (work) => withImporter({ config: config(), log }, work) });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
}
// A command is done here; nothing it left open may keep the process.
process.exit();

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const expected = error instanceof StartProblem || (error instanceof Error && 'code' in error);
  process.stderr.write(
    `${expected ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 1;
}
