import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WebhookRequest, WebhookResponse } from '../../src/contracts/index.js';
import { startApp } from './app.js';
import type { TestApp } from './app.js';

const path = '/webhooks/official-account/shop';
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const seen: WebhookRequest[] = [];
function answerWith(respond: (request: WebhookRequest) => Promise<WebhookResponse>): void {
  seen.length = 0;
  app.webhook.handle = (channel, request) => {
    if (channel !== 'official-account' || request.account !== 'shop') return undefined;
    seen.push(request);
    return respond(request);
  };
}
const ok = (written?: (ok: boolean) => Promise<void>): WebhookResponse => ({
  kind: 'answer',
  status: 200,
  contentType: 'text/xml',
  body: '<xml>好</xml>',
  ...(written ? { written } : {}),
});
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A client that hangs up when told to. */
function dial(): { hangUp(): void; send(): void } {
  const socket = connect(app.listening.port, '127.0.0.1');
  socket.on('error', () => undefined);
  return {
    send: () => socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi`),
    hangUp: () => socket.destroy(),
  };
}

describe('the webhook door', () => {
  it('hands over the raw request as a plain record and writes the answer as it is', async () => {
    const told: boolean[] = [];
    answerWith(async () => ok(async (done) => void told.push(done)));
    const raw = Buffer.from([0x3c, 0xff, 0x00, 0x3e]);
    const answer = await app.request('POST', `${path}?signature=s&nonce=1&nonce=2`, {
      raw,
      headers: { 'Content-Type': 'text/xml' },
    });
    expect([answer.status, answer.headers.get('Content-Type'), answer.text]).toEqual([
      200,
      'text/xml',
      '<xml>好</xml>',
    ]);
    expect(seen).toEqual([
      expect.objectContaining({
        account: 'shop',
        method: 'POST',
        query: { signature: 's', nonce: '1' },
        contentType: 'text/xml',
      }),
    ]);
    expect(seen[0]?.body.equals(raw)).toBe(true);
    await pause(20);
    expect(told).toEqual([true]);
  });

  it('tells `written(false)` once when the platform hung up before the answer, and `writable` says so', async () => {
    const told: boolean[] = [];
    let writable: boolean[] = [];
    let answered: () => void = () => undefined;
    const finished = new Promise<void>((done) => (answered = done));
    answerWith(async (request) => {
      writable = [request.writable()];
      await pause(150);
      writable.push(request.writable());
      return ok(async (done) => {
        told.push(done);
        answered();
      });
    });
    const line = dial();
    line.send();
    await pause(60);
    line.hangUp();
    await finished;
    await pause(50);
    expect([told, writable]).toEqual([[false], [true, false]]);
  });

  it.each([
    ['abandons', async (): Promise<WebhookResponse> => ({ kind: 'abandon' })],
    ['fails', () => Promise.reject(new Error('the database is away'))],
  ])('closes the connection without an answer when the channel %s', async (_, respond) => {
    answerWith(respond);
    await expect(app.request('POST', path, { raw: 'x' })).rejects.toThrow('fetch failed');
    expect(seen).toHaveLength(1);
  });

  it('404 for an unknown channel or account, 405 for other methods, 413 for 256 kB and a byte', async () => {
    answerWith(async () => ok());
    expect((await app.request('POST', '/webhooks/official-account/other', { raw: 'x' })).status).toBe(404);
    expect((await app.request('GET', '/webhooks/telegraph/shop')).status).toBe(404);
    expect((await app.request('PUT', path, { raw: 'x' })).headers.get('Allow')).toBe('GET, HEAD, POST');
    expect((await app.request('POST', path, { raw: Buffer.alloc(256 * 1024) })).status).toBe(200);
    expect((await app.request('POST', path, { raw: Buffer.alloc(256 * 1024 + 1) })).status).toBe(413);
    expect(seen).toHaveLength(1);
  });

  it('survives a body that is cut off', async () => {
    answerWith(async () => ok());
    const socket = connect(app.listening.port, '127.0.0.1');
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf`);
    await pause(50);
    socket.destroy();
    await pause(50);
    expect(seen).toHaveLength(0);
    expect((await app.request('POST', path, { raw: 'x' })).status).toBe(200);
  });
});
