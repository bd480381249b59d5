/** Signed requests of shop systems: what a right one looks like, and every way one can be wrong. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp } from './app.js';
import type { Answer, ShopKey, TestApp } from './app.js';
import { signedHeaders } from './sign.js';
import { lookup, product } from './open-samples.js';

const path = '/open/v1/products';
let app: TestApp;
let key: ShopKey;
beforeAll(async () => {
  app = await startApp();
  key = await app.shopKey();
});
afterAll(() => app.close());
beforeEach(() => void (app.reported.length = 0));

const codeOf = ({ status, body }: Answer) => [status, body['code']];
const seconds = () => Math.floor(Date.now() / 1000);

describe('a signed request', () => {
  it('is signed here as two other programs sign it', () => {
    // printf '{"sku":"a"}' | sha256sum; printf '1772330400\\nn-1\\nPOST\\n/open/v1/products?x=1\\n<that>' | openssl dgst -sha256 -hmac s3cret
    const { headers } = signedHeaders({
      key: { id: 'k', secret: 's3cret' },
      method: 'POST',
      path: '/open/v1/products?x=1',
      raw: '{"sku":"a"}',
      timestamp: 1772330400,
      nonce: 'n-1',
    });
    expect(headers['X-Huike-Signature']).toBe('2238c6d63af552a5056688c5722af1811313d9204ff02969e7054551ae974329');
  });

  it('is taken, and its shop system told to the port', async () => {
    const mine = await app.shopKey({ verifiesPhones: true });
    const answer = await app.signed(path, { key: mine, json: product });
    expect([answer.status, answer.body]).toEqual([200, { id: 'tea-1', repeated: false }]);
    const requestId = answer.headers.get('X-Request-Id');
    expect(app.reported).toEqual([
      { name: 'product', given: [product, { keyId: mine.id, name: 'Mall', verifiesPhones: true, requestId }] },
    ]);
  });

  it('may have its signature in capitals, and bytes outside ASCII', async () => {
    const { headers, body } = signedHeaders({ key, method: 'POST', path, json: { ...product, name: '龙井 🍵' } });
    headers['X-Huike-Signature'] = headers['X-Huike-Signature']?.toUpperCase() ?? '';
    expect((await app.request('POST', path, { raw: body, headers })).status).toBe(200);
    expect(app.reported[0]?.given[0]).toMatchObject({ name: '龙井 🍵' });
  });

  it('covers the query too, in the order it was sent', async () => {
    const answer = await app.signed(`${path}?a=1&b=%20x`, { key, json: product });
    expect(codeOf(answer)).toEqual([200, undefined]);
  });
});

describe('a request that was changed after signing', () => {
  const signed = () => signedHeaders({ key, method: 'POST', path: `${path}?a=1&b=2`, json: product });
  const changes: Array<[what: string, change: (headers: Record<string, string>) => Partial<Changed>]> = [
    ['path', () => ({ path: '/open/v1/customers/lookup?a=1&b=2' })],
    ['order of the query', () => ({ path: `${path}?b=2&a=1` })],
    ['query left out', () => ({ path })],
    ['one byte of the body', () => ({ body: JSON.stringify({ ...product, price: 1 }) })],
    ['white space of the body', () => ({ body: `${JSON.stringify(product)} ` })],
    [
      'timestamp',
      (headers) => ({ headers: { 'X-Huike-Timestamp': String(Number(headers['X-Huike-Timestamp']) + 1) } }),
    ],
    ['nonce', () => ({ headers: { 'X-Huike-Nonce': 'another' } })],
    ['signature', (headers) => ({ headers: { 'X-Huike-Signature': flipped(headers['X-Huike-Signature']) } })],
    [
      'signature cut short',
      (headers) => ({ headers: { 'X-Huike-Signature': headers['X-Huike-Signature']?.slice(0, 63) ?? '' } }),
    ],
    ['key of another', () => ({ headers: { 'X-Huike-Key': 'f'.repeat(24) } })],
    ['key that is no id', () => ({ headers: { 'X-Huike-Key': '{"$ne":1}' } })],
  ];
  interface Changed {
    path: string;
    body: string;
    headers: Record<string, string>;
  }

  it('is right before the change', async () => {
    const { headers, body } = signed();
    expect((await app.request('POST', `${path}?a=1&b=2`, { raw: body, headers })).status).toBe(200);
  });

  it.each(changes)('%s: 401, and nothing is done', async (_what, change) => {
    const { headers, body } = signed();
    const changed = change(headers);
    const answer = await app.request('POST', changed.path ?? `${path}?a=1&b=2`, {
      raw: changed.body ?? body,
      headers: { ...headers, ...changed.headers },
    });
    expect(codeOf(answer)).toEqual([401, 'open.badSignature']);
    expect(app.reported).toEqual([]);
  });

  it('method: a signature for one is none for another', async () => {
    const { headers, body } = signedHeaders({ key, method: 'PUT', path, json: product });
    expect(codeOf(await app.request('POST', path, { raw: body, headers }))).toEqual([401, 'open.badSignature']);
  });

  it('an unknown key and a wrong signature are answered alike', async () => {
    const unknown = await app.signed(path, { key: { id: 'f'.repeat(24), secret: key.secret }, json: product });
    const wrong = await app.signed(path, { key: { id: key.id, secret: 'guess' }, json: product });
    const alike = ({ status, body }: Answer) => ({ status, ...body, requestId: '' });
    expect(alike(unknown)).toEqual(alike(wrong));
    expect([...unknown.headers.keys()]).toEqual([...wrong.headers.keys()]);
  });
});

describe('the headers', () => {
  it.each(['X-Huike-Key', 'X-Huike-Timestamp', 'X-Huike-Nonce', 'X-Huike-Signature'])(
    'without %s: 401 that names it',
    async (name) => {
      const { headers, body } = signedHeaders({ key, method: 'POST', path, json: product });
      const answer = await app.request('POST', path, { raw: body, headers: { ...headers, [name]: '' } });
      expect(codeOf(answer)).toEqual([401, 'open.unsigned']);
      expect(answer.body['detail']).toContain(name);
    },
  );

  it.each(['1e9', '-1', 'now', '12.5'])('a timestamp %s is none', async (timestamp) => {
    expect(codeOf(await app.signed(path, { key, json: product, timestamp }))).toEqual([401, 'open.unsigned']);
  });
});

describe('the clock', () => {
  it.each([-299, 299])('%d s away is taken', async (skew) => {
    expect((await app.signed(path, { key, json: product, timestamp: seconds() + skew })).status).toBe(200);
  });

  it.each([-302, 302, -86_400])('%d s away is not', async (skew) => {
    const answer = await app.signed(path, { key, json: product, timestamp: seconds() + skew });
    expect(codeOf(answer)).toEqual([401, 'open.clockSkew']);
    expect(app.reported).toEqual([]);
  });

  it('that counts milliseconds is told so', async () => {
    const answer = await app.signed(path, { key, json: product, timestamp: Date.now() });
    expect(codeOf(answer)).toEqual([401, 'open.clockSkew']);
    expect(answer.body['detail']).toMatch(/ahead of this server.*It counts seconds/);
  });

  it('is business time', async () => {
    const real = app.ports.now;
    app.ports.now = () => new Date(Date.now() + 86_400_000);
    try {
      expect(codeOf(await app.signed(path, { key, json: product }))).toEqual([401, 'open.clockSkew']);
      const tomorrow = seconds() + 86_400;
      expect((await app.signed(path, { key, json: product, timestamp: tomorrow })).status).toBe(200);
    } finally {
      app.ports.now = real;
    }
  });
});

describe('a nonce', () => {
  it('is good once: the same request again is refused', async () => {
    const { headers, body } = signedHeaders({ key, method: 'POST', path, json: product });
    const again = () => app.request('POST', path, { raw: body, headers });
    expect((await again()).status).toBe(200);
    expect(codeOf(await again())).toEqual([401, 'open.nonceUsed']);
    expect(app.reported).toHaveLength(1);
  });

  it('is good once also when eight come at the same moment', async () => {
    const { headers, body } = signedHeaders({ key, method: 'POST', path, json: product });
    const sent = Array.from({ length: 8 }, () => app.request('POST', path, { raw: body, headers }));
    const statuses = (await Promise.all(sent)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(7).fill(401)]);
    expect(app.reported).toHaveLength(1);
  });

  it('belongs to its key, and is not used up by who cannot sign', async () => {
    const other = await app.shopKey();
    const nonce = 'the-same-nonce';
    const guess = { id: key.id, secret: 'guess' };
    expect(codeOf(await app.signed(path, { key: guess, json: product, nonce }))).toEqual([401, 'open.badSignature']);
    expect((await app.signed(path, { key, json: product, nonce })).status).toBe(200);
    expect((await app.signed(path, { key: other, json: product, nonce })).status).toBe(200);
  });
});

describe('a body that does not say its length', () => {
  it('is limited all the same', async () => {
    const raw = Buffer.alloc(700 * 1024, ' ');
    const { headers } = signedHeaders({ key, method: 'POST', path, raw });
    const sent = (bytes: Buffer, given: Record<string, string>) =>
      fetch(`${app.base}${path}`, {
        method: 'POST',
        headers: given,
        body: streamOf(bytes),
        duplex: 'half',
      } as RequestInit);
    expect((await sent(raw, headers)).status).toBe(413);
    const small = Buffer.from(JSON.stringify(product));
    const good = signedHeaders({ key, method: 'POST', path, raw: small });
    expect((await sent(small, good.headers)).status).toBe(200);
  });
});

describe('a revoked key', () => {
  it('is refused from the next request on, and told so only to who has the secret', async () => {
    const admin = await app.person('admin');
    const mine = await app.shopKey();
    expect((await app.signed(path, { key: mine, json: product })).status).toBe(200);
    expect((await app.request('DELETE', `/console/v1/keys/${mine.id}`, { as: admin })).status).toBe(204);
    expect(codeOf(await app.signed(path, { key: mine, json: product }))).toEqual([401, 'open.keyRevoked']);
    const guess = { ...mine, secret: 'guess' };
    expect(codeOf(await app.signed(path, { key: guess, json: product }))).toEqual([401, 'open.badSignature']);
  });
});

describe('limits', () => {
  it('by key, after the signature: nobody else uses up a key’s share', async () => {
    const small = await startApp({ limits: { shopSystemPerMinute: 5 } });
    const [mine, other] = [await small.shopKey(), await small.shopKey()];
    const from = (address: string) => ({ 'X-Forwarded-For': address });
    for (let i = 0; i < 6; i += 1) {
      await small.signed(path, { key: { ...mine, secret: 'guess' }, json: product, headers: from('10.5.0.9') });
    }
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      statuses.push((await small.signed(path, { key: mine, json: product, headers: from(`10.5.0.${i}`) })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await small.signed(path, { key: other, json: product, headers: from('10.5.0.7') })).status).toBe(200);
    await small.close();
  });

  it('by address, before anything is looked at', async () => {
    const small = await startApp({ limits: { shopSystemPerMinute: 2 } });
    const statuses: number[] = [];
    for (let i = 0; i < 9; i += 1) statuses.push((await small.request('POST', path, { raw: '{}' })).status);
    expect(statuses).toEqual([...Array<number>(8).fill(401), 429]);
    await small.close();
  });

  it('of the body: half a megabyte', async () => {
    const padded = (bytes: number) =>
      Buffer.alloc(bytes, ' ').fill(JSON.stringify(product), 0, Buffer.byteLength(JSON.stringify(product)));
    expect((await app.signed(path, { key, raw: padded(512 * 1024) })).status).toBe(200);
    expect(codeOf(await app.signed(path, { key, raw: padded(512 * 1024 + 1) }))).toEqual([413, 'request.tooLarge']);
    expect(
      codeOf(await app.signed('/open/v1/customers/lookup', { key, raw: JSON.stringify(lookup).padEnd(110_000) })),
    ).toEqual([413, 'request.tooLarge']);
  });
});

function flipped(hex = ''): string {
  return `${hex[0] === '0' ? '1' : '0'}${hex.slice(1)}`;
}

function streamOf(bytes: Buffer): ReadableStream {
  return new ReadableStream({
    start: (controller) => {
      for (let at = 0; at < bytes.length; at += 50_000) controller.enqueue(bytes.subarray(at, at + 50_000));
      controller.close();
    },
  });
}
