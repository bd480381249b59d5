/**
 * An importer for the operator's tool: the domain beside a running server or without one, and no doors. What is reported with points
 * moves them as the open API would, but no strategy is asked, so nobody is written to.
 */
import { createDomain } from '../app-domain.js';
import { createImporter } from '../app-imports.js';
import type { Config } from '../config.js';
import { writeOwed } from '../flow/due.js';
import { createReportOrder } from '../flow/orders.js';
import type { ReportOrder } from '../flow/orders.js';
import { createStoreEvents } from '../imports/index.js';
import type { Importer } from '../imports/index.js';
import { systemClock } from '../infra/clock.js';
import { createKeyRing, loadSecretKeys } from '../infra/crypto.js';
import type { KeyRing } from '../infra/crypto.js';
import { createKeyedLock } from '../infra/keyed-lock.js';
import type { Logger } from '../infra/logger.js';
import type { Database } from '../infra/mongo.js';
import { openForOperator } from './database.js';

export interface OpenForImport {
  config: Config;
  database: Database;
  keys: KeyRing;
}

export async function openForImport({ config, database, keys }: OpenForImport): Promise<{
  importer: Importer;
  reportOrder: ReportOrder;
}> {
  const clock = systemClock;
  const domain = await createDomain({ config, database, keys, clock, replace: {} });
  const { flow } = domain.models;
  const storeEvents = createStoreEvents(flow.events, database);
  const reportOrder = createReportOrder({
    ...domain,
    clock,
    lock: createKeyedLock(),
    // An order of the past is not chased for its payment.
    chase: { owedFor: () => ({ events: [], due: [], cancel: [] }) },
    act: async ({ cause, change }) => {
      await database.transaction(async (tx) => {
        const owed: Array<Parameters<typeof writeOwed>[2]> = [];
        const events = await change(tx, { rows: [], know: () => undefined, owe: (more) => void owed.push(more) });
        if (events.length > 0) await storeEvents(tx, events, cause);
        for (const one of owed) await writeOwed(flow, tx, one);
      });
      return { events: [], rows: [] };
    },
  });
  const { importer } = await createImporter({ config, database, clock, domain, reportOrder });
  return { importer, reportOrder };
}

/** Opens what `huike import` works on, also beside a running server, and closes it after. */
export async function withImporter(
  { config, log }: { config: Config; log: Logger },
  work: (importer: Importer) => Promise<void>,
): Promise<void> {
  const keys = createKeyRing(loadSecretKeys(config));
  const database = await openForOperator({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  try {
    await work((await openForImport({ config, database, keys })).importer);
  } finally {
    await database.close();
  }
}
