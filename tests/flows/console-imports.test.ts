/** Imports by the staff, over HTTP on a whole shop: upload, mapping, dry run, run, refused rows. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { good, refused } from '../helpers/answers.js';
import type { Body } from '../helpers/answers.js';
import { eventually, openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

let shop: Shop;
let marketer: StaffClient;
let agent: StaffClient;
beforeAll(async () => {
  shop = await openShop();
  [marketer, agent] = [await shop.staff('marketer', 'mei'), await shop.staff('agent', 'lin')];
}, 60_000);
afterAll(() => shop.stop());

describe('imports', () => {
  const csv = ['会员号,姓名,手机', 'i-1,钱女士,13600136001', 'i-2,李先生,123', 'i-3,赵先生,13600136003'].join('\r\n');

  it('go from a file to customers and a list of refused rows, and the same file again changes nothing', async () => {
    const mapping = {
      ...{ kind: 'customers', source: 'shop', format: { type: 'csv' } },
      columns: { externalId: '会员号', name: '姓名', phone: '手机' },
    };
    expect((await upload(agent, csv)).status).toBe(403);
    const uploaded = await upload(marketer, csv);
    expect([uploaded.status, uploaded.body]).toMatchObject([
      201,
      { fileName: '老会员.csv', state: 'uploaded', by: 'mei', header: ['会员号', '姓名', '手机'] },
    ]);
    const path = `imports/${String(uploaded.body['id'])}`;
    expect(await refused(marketer.call('POST', `${path}/start`, { dryRun: true }))).toEqual([409, 'import.notMapped']);
    expect(await good(marketer.call('PUT', `${path}/mapping`, { mapping }))).toMatchObject({ state: 'mapped' });
    const ended = (state: string) =>
      eventually(async () => {
        const now = await good(marketer.call('GET', path));
        return now['state'] === state ? now : undefined;
      });
    await good(marketer.call('POST', `${path}/start`, { dryRun: true }), 202);
    expect(await ended('checked')).toMatchObject({ counts: { rows: 3, ok: 2, bad: 1 }, dryRun: true, hasReport: true });
    expect((await good<{ items: unknown[] }>(agent.call('GET', 'customers?search=13600136001'))).items).toEqual([]);
    await good(marketer.call('POST', `${path}/start`, { dryRun: false }), 202);
    expect(await ended('done')).toMatchObject({ counts: { rows: 3, ok: 2, bad: 1 }, progress: 100 });
    expect((await good<{ items: unknown[] }>(agent.call('GET', 'customers?search=13600136001'))).items).toHaveLength(1);

    const report = await raw(marketer, `${path}/errors`);
    expect(report.headers.get('content-type')).toContain('text/csv');
    expect(report.headers.get('content-disposition')).toContain(encodeURIComponent('老会员-refused.csv'));
    const lines = (await report.text()).trim().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^3,手机,.*phone\.invalid/);

    const again = await upload(marketer, csv);
    expect(again.body).toMatchObject({ suggested: { from: 'kept', missing: [] } });
    const listed = await good<{ items: Array<{ id: string }> }>(marketer.call('GET', 'imports?limit=1'));
    expect(listed.items.map(({ id }) => id)).toEqual([again.body['id']]);
  });

  it('refuse what is no table, a kind there is not, and a body without a file', async () => {
    expect(await codeOf(upload(marketer, ''))).toEqual([400, 'file.empty']);
    expect(await codeOf(upload(marketer, csv, 'points'))).toEqual([400, 'request.invalid']);
    const form = new FormData();
    form.append('kind', 'orders');
    expect(await codeOf(send(marketer, form))).toEqual([400, 'request.badUpload']);
  });
});

const codeOf = async (answer: Promise<{ status: number; body: Body }>): Promise<unknown[]> => {
  const { status, body } = await answer;
  return [status, body['code']];
};
function upload(by: StaffClient, text: string, kind = 'customers') {
  const form = new FormData();
  form.append('kind', kind);
  form.append('file', new Blob([text]), '老会员.csv');
  return send(by, form);
}
/** As a browser asks for what is not JSON. */
async function raw(by: StaffClient, path: string, init: { method?: string; body?: FormData } = {}): Promise<Response> {
  const { token } = await shop.app.staff.tokens.add(by.id, { name: 'files', expiresInDays: 1 });
  return fetch(`${shop.base}/console/v1/${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
}
async function send(by: StaffClient, form: FormData): Promise<{ status: number; body: Body }> {
  const response = await raw(by, 'imports', { method: 'POST', body: form });
  return { status: response.status, body: (await response.json()) as Body };
}
