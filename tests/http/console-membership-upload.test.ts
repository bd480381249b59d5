/** A file on its way to an import: received on disk, named as the person named it, gone when the request is over. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RequestProblem } from '../../src/errors.js';
import { startApp } from './app.js';
import type { Person, TestApp } from './app.js';
import { importForm } from './samples-console.js';

let app: TestApp;
let admin: Person;
let received: Array<{ path: string; fileName: string; kind: string; text: string; mode: number }> = [];
let refusal: RequestProblem | Error | undefined;
beforeAll(async () => {
  app = await startApp();
  admin = await app.person('admin');
  const { upload } = app.ports.imports;
  app.ports.imports.upload = async (file, by) => {
    const [text, mode] = [readFileSync(file.path, 'utf8'), statSync(dirname(file.path)).mode & 0o777];
    received.push({ ...file, text, mode });
    if (refusal) throw refusal;
    return upload(file, by);
  };
});
afterAll(() => app.close());
beforeEach(() => {
  received = [];
  refusal = undefined;
});

const send = (raw: FormData | string, headers: Record<string, string> = {}) =>
  app.request('POST', '/console/v1/imports', { as: admin, raw, headers });

describe('an uploaded file', () => {
  it('comes as it was, with its name and the fields beside it, for nobody else to read', async () => {
    const answer = await send(importForm('customers', '老会员 2026.csv', '姓名\n李雷\n'));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ fileName: '老会员 2026.csv', kind: 'customers' });
    expect(received).toEqual([expect.objectContaining({ kind: 'customers', text: '姓名\n李雷\n', mode: 0o700 })]);
    expect(existsSync(received[0]?.path ?? '.')).toBe(false);
    expect(existsSync(dirname(received[0]?.path ?? './x'))).toBe(false);
  });

  it.each(['été.csv', 'plain.csv', '订单，导出.xlsx'])('keeps the name %s', async (name) => {
    expect((await send(importForm('orders', name))).body).toMatchObject({ fileName: name });
  });

  it.each([
    ['refused', new RequestProblem(400, 'file.notText', 'No text.'), 400],
    ['failing', new Error('the disk is full'), 500],
  ])('is gone after a %s request, too', async (_, problem, status) => {
    refusal = problem;
    expect((await send(importForm())).status).toBe(status);
    expect(received).toHaveLength(1);
    expect(existsSync(dirname(received[0]?.path ?? './x'))).toBe(false);
  });

  it('is not taken with wrong fields, without a file, twice, or as anything but a form', async () => {
    const twice = importForm();
    twice.append('file', new Blob(['x']), 'b.csv');
    const without = new FormData();
    without.append('kind', 'orders');
    const more = importForm();
    more.append('dryRun', 'true');
    const codes = [];
    for (const form of [importForm('points'), more, twice, without]) {
      const { status, body } = await send(form);
      codes.push([
        status,
        body['code'],
        (body['errors'] as Array<{ path: string }> | undefined)?.map(({ path }) => path),
      ]);
    }
    codes.push((await send('单号\nA1', { 'Content-Type': 'text/csv' })).body['code']);
    expect(codes).toEqual([
      [400, 'request.invalid', ['kind']],
      [400, 'request.invalid', ['dryRun']],
      [400, 'request.badUpload', undefined],
      [400, 'request.badUpload', undefined],
      'request.wrongType',
    ]);
    expect(received).toEqual([]);
  });

  it('comes back with its refused rows as a download', async () => {
    const path = `/console/v1/imports/${'a'.repeat(24)}/errors`;
    const { headers, text } = await app.request('GET', path, { as: admin });
    expect([headers.get('content-type'), headers.get('cache-control'), text]).toEqual([
      'text/csv; charset=utf-8',
      'no-store',
      '行 line\r\n',
    ]);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="refused.csv"; filename*=UTF-8''${encodeURIComponent('订单-refused.csv')}`,
    );
  });
});
