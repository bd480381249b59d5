/** Imports of customers and orders from files: upload, say which column is what, try, run, watch, fetch the refused rows. */
import {
  ImportDetail,
  ImportView,
  ImportsPage,
  PutImportMapping,
  StartImport,
  UploadImportFields,
} from '../../contracts/http/imports.js';
import { PageQuery } from '../../contracts/index.js';
import type { ImportsPort } from '../ports.js';
import { json, route, text } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

/** Through a browser; `huike import` takes larger files. */
const MAX_BYTES = 100 * 1024 * 1024;
const shared = { access: { permission: 'imports.manage' }, limit: 'console' } as const;
const ofFile = [
  'file.empty',
  'file.tooLarge',
  'file.notText',
  'file.oldExcel',
  'file.notXlsx',
  'file.noSheet',
] as const;

export function importRoutes(imports: ImportsPort): Route[] {
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/imports',
      summary: 'Imports, newest first',
      query: PageQuery,
      response: json(ImportsPage),
      handle: async ({ query }) => imports.list(query),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/console/v1/imports',
      audit: 'import.upload',
      summary: 'Upload a CSV, XLSX or fixed-width file; nothing is imported yet',
      body: { kind: 'file-upload', maxBytes: MAX_BYTES, fields: UploadImportFields },
      response: json(ImportDetail, 201),
      refusals: ['request.badUpload', ...ofFile],
      handle: async ({ body, by }) => {
        const { path, fileName, fields } = body;
        return imports.upload({ path, fileName, kind: fields.kind }, by);
      },
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/imports/:id',
      summary: 'One import: how far it is, columns, first rows, its mapping and the one we propose',
      params: ById,
      response: json(ImportDetail),
      refusals: ['import.notFound', ...ofFile],
      handle: async ({ params }) => imports.get(params.id),
    }),
    route({
      ...shared,
      method: 'PUT',
      path: '/console/v1/imports/:id/mapping',
      audit: 'import.map',
      summary: 'Say which column is what; kept for the next file with these columns once it is run',
      params: ById,
      body: PutImportMapping,
      response: json(ImportDetail),
      refusals: ['import.notFound', 'import.running', 'import.wrongKind', 'file.noColumn', ...ofFile],
      handle: async ({ params, body }) => imports.putMapping(params.id, body.mapping),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/console/v1/imports/:id/start',
      audit: 'import.start',
      summary: 'Try it (dryRun) or run it, in the background; GET shows how far it is',
      params: ById,
      body: StartImport,
      response: json(ImportView, 202),
      refusals: ['import.notFound', 'import.running', 'import.notMapped', 'import.fileGone'],
      handle: async ({ params, body, by }) => imports.start(params.id, body, by),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/console/v1/imports/:id/cancel',
      audit: 'import.cancel',
      summary: 'Stop after the rows under way; what went in stays',
      params: ById,
      response: json(ImportView),
      refusals: ['import.notFound'],
      handle: async ({ params }) => imports.cancel(params.id),
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/imports/:id/errors',
      summary: 'The refused rows with column, reason and remedy, as a CSV file',
      params: ById,
      response: text('text/csv'),
      refusals: ['import.notFound', 'import.noReport'],
      handle: async ({ params }) => {
        const { fileName, content } = await imports.errors(params.id);
        const headers = {
          'Content-Disposition': `attachment; filename="refused.csv"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
          'Cache-Control': 'no-store',
        };
        return { contentType: 'text/csv; charset=utf-8', body: content, headers };
      },
    }),
  ];
}
