/** A real database in a temporary folder for one test file, with the staff module on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStaff } from '../../../src/domain/staff/index.js';
import type { StaffModule, StaffOptions } from '../../../src/domain/staff/index.js';
import { createLogger } from '../../../src/infra/logger.js';
import { openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';

export const log = createLogger({ level: 'silent' });

export interface TestDatabase {
  database: Database;
  /** Moves the time the staff module sees. */
  skip(ms: number): void;
  /** The module with the rules given; its captchas all say CAPTCHA_ANSWER. */
  staffWith(options?: Partial<StaffOptions>): StaffModule;
  close(): Promise<void>;
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-staff-'));
  const real = await openDatabase({ dataDir, log });
  let offset = 0;
  const database: Database = { ...real, now: () => new Date(real.now().getTime() + offset) };
  await createStaff({ database }).ensureIndexes();
  return {
    database,
    skip: (ms) => void (offset += ms),
    staffWith: (options = {}) => createStaff({ database, options, pickLetter: () => 'A' }),
    close: async () => {
      await real.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

let serial = 0;
/** An account name no other test uses. */
export const freshName = (): string => `person.${(serial += 1)}`;

export const PASSWORD = 'correct horse battery';
/** What every captcha of `staffWith` says. */
export const CAPTCHA_ANSWER = 'AAAAA';
