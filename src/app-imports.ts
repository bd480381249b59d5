/** Composition of the imports: what of the domain they write with, and how an order takes the ordinary way. Part of app.ts. */
import { join } from 'node:path';
import type { Domain } from './app-domain.js';
import type { Config } from './config.js';
import { writeOwed } from './flow/due.js';
import type { ReportOrder } from './flow/orders.js';
import { createImportService, openImporter } from './imports/index.js';
import type { Importer, ImportModels, ImportService, LivePort } from './imports/index.js';
import type { Clock } from './infra/clock.js';
import type { Logger } from './infra/logger.js';
import type { Database } from './infra/mongo.js';

export interface ImportParts {
  config: Pick<Config, 'dataDir'>;
  database: Database;
  clock: Clock;
  domain: Domain;
  reportOrder: ReportOrder;
}

/** The folder of the data folder where uploads and reports of refused rows lie. */
const folderOf = ({ dataDir }: ImportParts['config']): string => join(dataDir, 'imports');

export async function createImporter(parts: ImportParts): Promise<{ importer: Importer; models: ImportModels }> {
  const { config, database, clock, domain, reportOrder } = parts;
  const { flow } = domain.models;
  const opened = openImporter({
    ...domain,
    ...{ database, clock, events: flow.events, folder: folderOf(config) },
    writeOwed: (tx, owed) => writeOwed(flow, tx, owed),
    liveOrder: orderWay(reportOrder),
  });
  for (const model of Object.values(opened.models)) {
    await model.createCollection();
    await model.createIndexes();
  }
  return opened;
}

export async function createImports(parts: ImportParts & { log: Logger }): Promise<ImportService> {
  const { config, database, clock, log } = parts;
  return createImportService({ ...(await createImporter(parts)), database, clock, log, folder: folderOf(config) });
}

function orderWay(reportOrder: ReportOrder): LivePort['order'] {
  return async (input, cause) => {
    const reported = await reportOrder(input, { cause, phonesVerified: false });
    if (reported.ok) return { outcome: reported.changed ? 'changed' : 'unchanged' };
    const [problem] = reported.problems;
    return { outcome: 'refused', path: problem?.path ?? '', value: problem?.message ?? '' };
  };
}
