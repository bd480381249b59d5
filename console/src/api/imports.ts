/** The routes of imports from files. */
import { call } from './client';
import type * as t from './types';

type Paging = { limit?: number; cursor?: string | null };
const part = encodeURIComponent;

export const importsApi = {
  imports: (query: Paging) => call<t.Page<t.ImportView>>('GET', 'imports', { query }),
  uploadImport: (file: File, kind: t.ImportKind) => {
    const body = new FormData();
    // Fields before the file: a server that reads as it comes knows the kind when the file begins.
    body.append('kind', kind);
    body.append('file', file, file.name);
    return call<t.ImportDetail>('POST', 'imports', { body });
  },
  import: (id: string) => call<t.ImportDetail>('GET', `imports/${part(id)}`),
  putMapping: (id: string, mapping: t.ImportMapping) =>
    call<t.ImportDetail>('PUT', `imports/${part(id)}/mapping`, { body: { mapping } }),
  startImport: (id: string, body: { dryRun: boolean; mode: t.ImportMode }) =>
    call<t.ImportView>('POST', `imports/${part(id)}/start`, { body }),
  stopImport: (id: string) => call<t.ImportView>('POST', `imports/${part(id)}/cancel`),
};

/** Refused rows as a CSV file. */
export const reportUrl = (id: string): string => `/console/v1/imports/${part(id)}/errors`;
