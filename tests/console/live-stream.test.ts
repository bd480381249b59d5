/** The live stream as the console reads it: blocks become events, and a broken connection goes on where it stopped. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openStream, parseBlock, type StreamState } from '../../console/src/live/reader.js';

const event = (id: string, kind = 'message.received'): Record<string, unknown> => ({
  id,
  kind,
  at: '2026-03-05T01:00:00.000Z',
  customerId: null,
  conversationId: null,
  data: {},
});
const block = (id: string): string => `id: ${id}\nevent: message\ndata: ${JSON.stringify(event(id))}`;

describe('one block', () => {
  it('is an event with the id of the stream, which is where to go on', () => {
    expect(parseBlock(`id: s-42\ndata: ${JSON.stringify(event('e-1'))}`)).toEqual(event('s-42'));
  });

  it('keeps the id of the event when the stream names none', () => {
    expect(parseBlock(`data:${JSON.stringify(event('e-1'))}`)?.id).toBe('e-1');
  });

  it('may spread its data over lines, in any order of fields', () => {
    const [first, ...rest] = JSON.stringify(event('e-1'), null, 1).split('\n');
    const lines = [first, ...rest].map((line) => `data: ${line}`);
    expect(parseBlock([...lines, 'id: 7', 'retry: 10'].join('\n'))).toEqual(event('7'));
  });

  it.each([
    ['a ping', ': ping'],
    ['nothing', ''],
    ['an id alone', 'id: 9'],
    ['broken data', 'id: 9\ndata: {"id":'],
  ])('of %s is no event', (_name, text) => {
    expect(parseBlock(text)).toBeUndefined();
  });
});

describe('the connection', () => {
  const encoder = new TextEncoder();
  const realFetch = globalThis.fetch;
  /** What the server answers, one after another; then it stays silent. */
  let answers: Array<() => Response | Error>;
  let resumedFrom: Array<string | null>;
  let seen: string[];
  let states: StreamState[];
  let stop: (() => void) | undefined;

  const stream = (...chunks: Array<string | Uint8Array>): (() => Response) => {
    const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? encoder.encode(chunk) : chunk));
    return () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            bytes.forEach((chunk) => controller.enqueue(chunk));
            controller.close();
          },
        }),
      );
  };
  const status = (code: number) => (): Response => new Response(null, { status: code });

  function open(): void {
    stop = openStream('/stream', { onEvent: ({ id }) => seen.push(id), onState: (state) => states.push(state) });
  }
  /** Lets pending reads finish, then the pause before the next attempt pass. */
  async function pass(ms: number): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await jest.advanceTimersByTimeAsync(ms);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    [answers, resumedFrom, seen, states] = [[], [], [], []];
    globalThis.fetch = (_url, init) => {
      resumedFrom.push(new Headers(init?.headers).get('Last-Event-ID'));
      const answer = answers.shift()?.();
      if (answer === undefined) return new Promise(() => undefined);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
  });
  afterEach(() => {
    stop?.();
    globalThis.fetch = realFetch;
    jest.useRealTimers();
  });

  it('goes on after the last event it has seen, pings and unreadable blocks aside', async () => {
    answers = [stream(`${block('1')}\n\n${block('2')}\n\n: ping\n\nid: 3\ndata: {\n\n`), stream(`${block('3')}\n\n`)];
    open();
    await pass(500);
    await pass(500);
    expect(seen).toEqual(['1', '2', '3']);
    expect(resumedFrom).toEqual([null, '2', '3']);
    expect(states).toEqual(['connecting', 'open', 'lost', 'open', 'lost']);
  });

  it('puts an event together that came in pieces, even within one character or line end', async () => {
    const whole = encoder.encode(`id: 1\r\ndata: ${JSON.stringify({ ...event('1'), kind: '消息' })}\r\n\r\n`);
    answers = [stream(whole.slice(0, 4), ...Array.from(whole.slice(4), (byte) => Uint8Array.of(byte)))];
    open();
    await pass(0);
    expect(seen).toEqual(['1']);
  });

  it('does not take half an event for one when the connection breaks', async () => {
    answers = [stream(`${block('1')}\n\n${block('2')}`), stream()];
    open();
    await pass(500);
    expect(seen).toEqual(['1']);
    expect(resumedFrom).toEqual([null, '1']);
  });

  it('begins from now when the server no longer knows the place', async () => {
    answers = [stream(`${block('1')}\n\n`), status(400), stream()];
    open();
    await pass(500);
    await pass(1000);
    expect(resumedFrom).toEqual([null, '1', null]);
  });

  it('keeps its place through errors and waits longer each time, up to ten seconds', async () => {
    answers = [stream(`${block('1')}\n\n`), status(503), () => new Error('down'), ...Array(6).fill(status(502))];
    open();
    for (const pause of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const before = resumedFrom.length;
      await pass(pause - 1);
      const early = resumedFrom.length;
      await pass(1);
      expect([early - before, resumedFrom.length - early]).toEqual([before === 0 ? 1 : 0, 1]);
    }
    expect(new Set(resumedFrom.slice(1))).toEqual(new Set(['1']));
  });

  it.each([401, 403])('gives up when the session is gone (%d)', async (code) => {
    answers = [status(code), stream(`${block('1')}\n\n`)];
    open();
    await pass(60_000);
    expect(states).toEqual(['connecting', 'signed-out']);
    expect(seen).toEqual([]);
  });

  it('stops when told', async () => {
    answers = [stream(`${block('1')}\n\n`), stream(`${block('2')}\n\n`)];
    open();
    await pass(100);
    stop?.();
    await pass(60_000);
    expect(seen).toEqual(['1']);
  });
});
