/** The real domain on the embedded database, with an importer: what the server composes, without its doors. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commerceModels, createCommerce } from '../../src/domain/commerce/index.js';
import {
  createFigures,
  createPersons,
  createProfiles,
  createReferences,
  customerModels,
} from '../../src/domain/customers/index.js';
import { createMembership, membershipModels } from '../../src/domain/membership/index.js';
import { writeOwed } from '../../src/flow/due.js';
import { flowModels } from '../../src/flow/models.js';
import { openImporter } from '../../src/imports/index.js';
import { createKeyRing } from '../../src/infra/crypto.js';
import { createLogger } from '../../src/infra/logger.js';
import { openDatabase } from '../../src/infra/mongo.js';
import type { ProgrammeRules } from '../../src/contracts/index.js';

export const programme: ProgrammeRules = {
  points: {
    perYuan: 1,
    returnWindowDays: 7,
    receivedAfterDays: 10,
    validMonths: 12,
    checkin: 1,
    join: 0,
    birthdayChangeDays: 0,
  },
  growth: { perYuan: 1, join: 0, windowDays: 365, validDays: 365 },
  levels: [
    { code: 'v1', title: { 'zh-CN': '普通', en: 'Basic' }, growth: 0, pointsPercent: 100, vip: false, benefits: [] },
    { code: 'v2', title: { 'zh-CN': '银卡', en: 'Silver' }, growth: 100, pointsPercent: 120, vip: true, benefits: [] },
  ],
};

export async function openImportShop(given?: { dataDir: string }) {
  const dataDir = given?.dataDir ?? (await mkdtemp(join(tmpdir(), 'huike-import-shop-')));
  const log = createLogger({ level: 'silent' });
  const database = await openDatabase({ dataDir, log });
  const { connection } = database;
  const keys = createKeyRing([`k1:${Buffer.alloc(32, 7).toString('base64')}`]);
  const [people, orders, ledger, flow] = [
    customerModels(connection),
    commerceModels(connection),
    membershipModels(connection),
    flowModels(connection),
  ];
  const writeFigures = createFigures(people);
  const persons = createPersons(people, { keys });
  const references = createReferences(people, { persons, keys });
  const profiles = createProfiles(people, { keys, persons });
  const commerce = createCommerce(orders, { writeFigures, timeZone: 'Asia/Shanghai', closesAfterMinutes: 30 });
  const membership = createMembership(ledger, { writeFigures, timeZone: 'Asia/Shanghai', defaults: programme });
  const clock = { now: () => new Date(), onJump: () => undefined, stop: () => undefined };
  const folder = join(dataDir, 'imports');
  const domain = { references, persons, profiles, commerce, membership, writeFigures };
  const parts = { ...domain, database, clock, folder, events: flow.events };
  const opened = openImporter({ ...parts, writeOwed: (tx, owed) => writeOwed(flow, tx, owed) });
  const models = { ...people, ...orders, ...ledger, ...flow, ...opened.models };
  if (!given) for (const model of Object.values(models)) await model.createIndexes();
  return {
    ...parts,
    ...opened,
    history: opened.importerParts.history,
    dataDir,
    keys,
    models,
    token: randomBytes(4).toString('hex'),
    close: async () => {
      await database.close();
      if (!given) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
export type ImportShop = Awaited<ReturnType<typeof openImportShop>>;
