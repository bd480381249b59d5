/** What the routes of imports mean; the work is the import service's. */
import { Readable } from 'node:stream';
import type { ImportService } from '../../../imports/index.js';
import type { ImportsPort } from '../../ports.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';

export function createImportsService(imports: ImportService): ImportsPort {
  return {
    list: async ({ limit, cursor }) => {
      const found = await imports.list({ limit: limit + 1, after: positionOf(cursor) });
      return toPage(
        found,
        limit,
        (one) => one,
        ({ createdAt, id }) => cursorOf(new Date(createdAt), id),
      );
    },
    upload: (file, by) => imports.upload({ ...file, by: by.name }),
    get: (id) => imports.get(id),
    putMapping: (id, mapping) => imports.putMapping(id, mapping),
    start: (id, { dryRun, mode }, by) => imports.start(id, { dryRun, mode, by: by.name }),
    cancel: (id) => imports.stop(id),
    errors: async (id) => {
      const { fileName, stream } = await imports.report(id);
      return { fileName, content: stream instanceof Readable ? stream : Readable.from(stream) };
    },
  };
}
