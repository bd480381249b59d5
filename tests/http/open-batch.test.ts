/** NDJSON batches: answered line by line, in order, bounded; one bad line stops no other. */
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RequestProblem } from '../../src/errors.js';
import { linesOf } from '../../src/http/open-api/lines.js';
import type { Line } from '../../src/http/open-api/lines.js';
import { startApp } from './app.js';
import type { Answer, ShopKey, TestApp } from './app.js';
import { order, product } from './open-samples.js';
import { signedHeaders } from './sign.js';

const path = '/open/v1/products';
let app: TestApp;
let key: ShopKey;
beforeAll(async () => {
  app = await startApp();
  key = await app.shopKey();
});
afterAll(() => app.close());
beforeEach(() => {
  app.reported.length = 0;
  app.refuse.clear();
  app.during.open = async () => undefined;
});

const codeOf = ({ status, body }: Answer) => [status, body['code']];
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const ndjson = { 'Content-Type': 'application/x-ndjson' };
const send = (raw: string | Buffer, more: { to?: string; by?: ShopKey } = {}) =>
  app.signed(more.to ?? path, { key: more.by ?? key, raw, headers: ndjson });
const products = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => JSON.stringify({ ...product, sku: `p-${i}` }));
const linesIn = (text: string): Array<Record<string, unknown>> =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a batch', () => {
  it('is answered line by line in the order it came, although later lines are done earlier', async () => {
    app.during.open = (_name, [given]) =>
      pause(Number(/\d+/.exec((given as { sku: string }).sku)?.[0]) % 5 === 0 ? 40 : 1);
    const answer = await send(products(40).join('\n'));
    expect(answer.headers.get('Content-Type')).toBe('application/x-ndjson; charset=utf-8');
    expect(linesIn(answer.text)).toEqual(products(40).map((_, i) => ({ line: i + 1, ok: true, id: `p-${i}` })));
  });

  it('tells of each bad line why, and handles all others', async () => {
    app.during.open = async (_name, [given]) => {
      const { sku } = given as { sku: string };
      if (sku === 'taken') throw new RequestProblem(409, 'product.odd', 'It is odd.');
      if (sku === 'broken') throw new Error('hunter2');
    };
    const lines = [
      JSON.stringify(product),
      '{"sku": "half',
      '',
      JSON.stringify({ ...product, price: -1, colour: 'red' }),
      JSON.stringify({ ...product, sku: 'taken' }),
      JSON.stringify({ ...product, sku: 'broken' }),
      `{"sku":"${'x'.repeat(300_000)}"}`,
      'null',
      Buffer.from([0x22, 0xff, 0x22]),
      '{"sku":"half","name":"\\ud83d","price":1,"status":"on"}',
      `${JSON.stringify({ ...product, sku: 'last' })}\r`,
    ].flatMap((line) => [Buffer.from(line), Buffer.from('\n')]);
    const answer = await send(Buffer.concat(lines.slice(0, -1)));
    expect(answer.text).not.toContain('hunter2');
    const error = (code: string) => expect.objectContaining({ code, detail: expect.any(String) });
    expect(linesIn(answer.text)).toEqual([
      { line: 1, ok: true, id: 'tea-1' },
      { line: 2, ok: false, error: error('request.badJson') },
      {
        line: 4,
        ok: false,
        error: expect.objectContaining({
          code: 'request.invalid',
          errors: [expect.objectContaining({ path: 'price' }), expect.objectContaining({ path: 'colour' })],
        }),
      },
      { line: 5, ok: false, error: { code: 'product.odd', detail: 'It is odd.' } },
      { line: 6, ok: false, error: error('server.unexpected') },
      { line: 7, ok: false, error: error('open.lineTooLong') },
      { line: 8, ok: false, error: error('request.invalid') },
      { line: 9, ok: false, error: error('request.badJson') },
      {
        line: 10,
        ok: false,
        error: expect.objectContaining({
          code: 'request.invalid',
          errors: [expect.objectContaining({ path: 'name', code: 'half_character' })],
        }),
      },
      { line: 11, ok: true, id: 'last' },
    ]);
  });

  it('holds each line to the sources of the key', async () => {
    const mine = await app.shopKey({ sources: ['mall'] });
    const lines = [order, { ...order, source: 'other' }].map((one) => JSON.stringify(one)).join('\n');
    const answer = await send(lines, { to: '/open/v1/orders', by: mine });
    expect(linesIn(answer.text)).toMatchObject([
      { ok: true, id: 'order-A1' },
      { ok: false, error: { code: 'open.sourceNotAllowed' } },
    ]);
    expect(app.reported).toHaveLength(1);
  });

  it('works on a few lines at a time', async () => {
    let [now, most] = [0, 0];
    app.during.open = async () => {
      most = Math.max(most, (now += 1));
      await pause(2);
      now -= 1;
    };
    await send(products(200).join('\n'));
    expect([app.reported.length, most]).toEqual([200, 8]);
  });

  it('is signed as a whole: one changed byte, and no line is done', async () => {
    const raw = products(3).join('\n');
    const answer = await app.signed(path, { key, raw, headers: ndjson, sentBody: raw.replace('p-2', 'p-9') });
    expect([codeOf(answer), app.reported]).toEqual([[401, 'open.badSignature'], []]);
  });

  it('may be empty', async () => {
    const answer = await send('\n\n');
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  it('may have 5,000 lines and not one more', async () => {
    const most = products(5000).join('\n');
    const answers = linesIn((await send(most)).text);
    expect([answers.length, answers.at(-1)]).toEqual([5000, { line: 5000, ok: true, id: 'p-4999' }]);
    app.reported.length = 0;
    expect(codeOf(await send(`${most}\n${JSON.stringify(product)}`))).toEqual([413, 'open.tooManyLines']);
    expect(app.reported).toEqual([]);
  });

  it('may have 16 MB, which leave memory for a file, and not a byte more', async () => {
    const filler = `{"filler":"${'x'.repeat(200_000)}"}\n`;
    const lines = [...Array<string>(80).fill(filler), JSON.stringify(product)].join('');
    const raw = Buffer.from(lines);
    expect(raw.length).toBeGreaterThan(15 * 1024 * 1024);
    const answers = linesIn((await send(raw)).text);
    expect([answers.length, answers.at(-1)]).toEqual([81, { line: 81, ok: true, id: 'tea-1' }]);
    const tooMuch = await send(Buffer.concat([raw, Buffer.alloc(16 * 1024 * 1024 + 1 - raw.length, '\n')]));
    expect(codeOf(tooMuch)).toEqual([413, 'request.tooLarge']);
  });

  it('goes only where batches are taken', async () => {
    expect(codeOf(await send('{}', { to: '/open/v1/points/spend' }))).toEqual([415, 'request.wrongType']);
  });
});

describe('a client that goes in the middle', () => {
  /** Sends a whole batch, hangs up after the first answered line. */
  async function hangUpEarly(raw: string): Promise<void> {
    const { headers } = signedHeaders({ key, method: 'POST', path, raw, headers: ndjson });
    const head = Object.entries({ ...headers, Host: 'x', 'Content-Length': String(Buffer.byteLength(raw)) });
    const socket = connect(app.listening.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST ${path} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${raw}`,
    );
    await new Promise<void>((done) => socket.on('data', (data: Buffer) => data.includes('"line":1') && done()));
    socket.destroy();
  }

  it('ends the batch: lines begun are finished, the rest is left; the server goes on', async () => {
    app.during.open = () => pause(5);
    // More than a megabyte, so that it waits in a file.
    await hangUpEarly(
      products(2000)
        .map((line) => line.padEnd(700))
        .join('\n'),
    );
    await pause(300);
    const done = app.reported.length;
    expect(done).toBeLessThan(500);
    await pause(200);
    expect(app.reported.length).toBe(done);
    expect((await send(JSON.stringify(product))).status).toBe(200);
  });

  it('before the body is whole: nothing is done', async () => {
    const raw = products(10).join('\n');
    const { headers } = signedHeaders({ key, method: 'POST', path, raw, headers: ndjson });
    const head = Object.entries({ ...headers, Host: 'x', 'Content-Length': String(Buffer.byteLength(raw)) });
    const socket = connect(app.listening.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const text = head.map(([name, value]) => `${name}: ${value}`).join('\r\n');
    socket.write(`POST ${path} HTTP/1.1\r\n${text}\r\n\r\n${raw.slice(0, 100)}`);
    await pause(50);
    socket.destroy();
    await pause(100);
    expect(app.reported).toEqual([]);
  });
});

describe('a server that stops in the middle', () => {
  it('finishes and answers the lines begun, then cuts the answer off, so that nobody takes it for whole', async () => {
    const other = await startApp();
    other.during.open = () => pause(20);
    const mine = await other.shopKey();
    const raw = products(2000).join('\n');
    const { headers } = signedHeaders({ key: mine, method: 'POST', path, raw, headers: ndjson });
    const answer = await fetch(`${other.base}${path}`, { method: 'POST', headers, body: raw });
    const reading = answer.text();
    const closing = other.listening.close(3000);
    await expect(reading).rejects.toThrow();
    await closing;
    const done = other.reported.length;
    expect(done).toBeLessThan(100);
    await pause(100);
    expect(other.reported.length).toBe(done);
    await other.close();
  });
});

describe('bodies that nobody has proved yet', () => {
  it('are received eight at a time from one address; others wait, other addresses do not', async () => {
    const raw = JSON.stringify(product);
    const sockets = Array.from({ length: 8 }, () => {
      const { headers } = signedHeaders({ key, method: 'POST', path, raw, headers: ndjson });
      const head = Object.entries({
        ...headers,
        Host: 'x',
        'Content-Length': '1000000',
        'X-Forwarded-For': '10.7.0.1',
      });
      const socket = connect(app.listening.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `POST ${path} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n{`,
      );
      return socket;
    });
    await pause(150);
    const from = (address: string) =>
      app.signed(path, { key, raw, headers: { ...ndjson, 'X-Forwarded-For': address } });
    expect(codeOf(await from('10.7.0.1'))).toEqual([429, 'open.tooManyBatches']);
    expect((await from('10.7.0.2')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await pause(100);
    expect((await from('10.7.0.1')).status).toBe(200);
  });
});

describe('many batches of one key', () => {
  it('are refused beyond four at a time, others’ are not', async () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((done) => (open = done));
    app.during.open = () => opened;
    const four = Array.from({ length: 4 }, () => send(JSON.stringify(product)));
    while (app.reported.length < 4) await pause(10);
    const fifth = await send(JSON.stringify(product));
    expect(codeOf(fifth)).toEqual([429, 'open.tooManyBatches']);
    expect(Number(fifth.headers.get('Retry-After'))).toBeGreaterThan(0);
    const other = send(JSON.stringify(product), { by: await app.shopKey() });
    open();
    expect((await Promise.all([...four, other])).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await send(JSON.stringify(product))).status).toBe(200);
  });
});

describe('cutting into lines', () => {
  async function cut(text: string, size: number, maxBytes?: number): Promise<Array<[number, string | undefined]>> {
    const bytes = Buffer.from(text);
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const lines: Line[] = [];
    for await (const line of linesOf(chunks(), maxBytes)) lines.push(line);
    return lines.map(({ line, bytes: found }) => [line, found?.toString()]);
  }

  it.each([1, 2, 3, 7, 100])('gives the same lines for chunks of %d bytes', async (size) => {
    expect(await cut('好\n\n b\r\nlonger than five\nend', size, 8)).toEqual([
      [1, '好'],
      [3, ' b\r'],
      [4, undefined],
      [5, 'end'],
    ]);
  });

  it('needs no last newline, and no line at all', async () => {
    expect(await cut('a\n', 5)).toEqual([[1, 'a']]);
    expect(await cut('', 5)).toEqual([]);
  });
});
