import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from './app.js';
import type { Person, TestApp } from './app.js';
import { streamEvent } from './fakes.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ pingMs: 50 });
});
afterAll(() => app.close());

interface OpenStream {
  response: IncomingMessage;
  received(): string;
  ended: Promise<void>;
  client: ClientRequest;
}

function open(as: Person, headers: Record<string, string> = {}): Promise<OpenStream> {
  return new Promise((done, fail) => {
    const client = request(
      `${app.base}/console/v1/stream`,
      { headers: { Cookie: as.cookie, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', () => undefined);
        const ended = new Promise<void>((end) => response.once('close', end));
        done({ response, received: () => text, ended, client });
      },
    );
    client.on('error', fail);
    client.end();
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i += 1) await new Promise((done) => setTimeout(done, 10));
  expect(condition()).toBe(true);
}

describe('the live stream', () => {
  it('sends events with id, kind and data, resumes from Last-Event-ID, and pings', async () => {
    const agent = await app.person('agent');
    const stream = await open(agent, { 'Last-Event-ID': 'e0' });
    expect(stream.response.statusCode).toBe(200);
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(app.lastEventIds.at(-1)).toBe('e0');
    app.emit(streamEvent);
    await until(() => stream.received().includes('data:'));
    expect(stream.received()).toContain(`id: e1\nevent: message.received\ndata: ${JSON.stringify(streamEvent)}\n\n`);
    await until(() => stream.received().includes(': ping\n\n'));
    const before = app.subscribers();
    stream.client.destroy();
    await until(() => app.subscribers() === before - 1);
  });

  it('answers HEAD at once, for a stream would never end', async () => {
    const agent = await app.person('agent');
    expect((await app.request('HEAD', '/console/v1/stream', { as: agent })).headers.get('Allow')).toBe('GET');
  });

  it('ends when the staff member is disabled', async () => {
    const admin = await app.person('admin');
    const agent = await app.person('agent');
    const stream = await open(agent);
    await app.request('PATCH', `/console/v1/staff/${agent.id}`, { as: admin, json: { disabled: true } });
    await stream.ended;
    const after = stream.received();
    app.emit(streamEvent);
    expect(stream.received()).toBe(after);
  });

  it('refuses an id it never gave, people without the permission, and one person with too many', async () => {
    const [agent, marketer] = [await app.person('agent'), await app.person('marketer')];
    const bad = await open(agent, { 'Last-Event-ID': 'a b' });
    expect(bad.response.statusCode).toBe(400);
    expect((await open(marketer)).response.statusCode).toBe(403);
    const streams = await Promise.all(Array.from({ length: 12 }, () => open(agent)));
    expect((await open(agent)).response.statusCode).toBe(429);
    for (const { client } of streams) client.destroy();
    await until(() => app.subscribers() === 0);
    const again = await open(agent);
    expect(again.response.statusCode).toBe(200);
    again.client.destroy();
  });

  it('does not keep the server from stopping', async () => {
    const other = await startApp();
    const agent = await other.person('agent');
    const kept = app;
    app = other;
    const stream = await open(agent);
    app = kept;
    const startedAt = performance.now();
    await other.listening.close();
    await stream.ended;
    expect(performance.now() - startedAt).toBeLessThan(2000);
    await other.db.close();
  });
});
