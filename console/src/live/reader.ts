/**
 * Reads the live stream with fetch rather than EventSource: only so can a new connection after an HTTP error still send
 * Last-Event-ID. Runs in the shared worker, or in the page where there is none.
 */
import type { StreamEvent } from '../api/types.js';

export type StreamState = 'connecting' | 'open' | 'lost' | 'signed-out';
export interface StreamHandlers {
  onEvent(event: StreamEvent): void;
  onState(state: StreamState): void;
}

/** The server pings every 15 s; silence for longer than this is a dead connection. */
const silenceMs = 40_000;
const longestPauseMs = 10_000;

/** Stays connected until the returned function is called; gives up only when the session is gone. */
export function openStream(url: string, handlers: StreamHandlers): () => void {
  let stopped = false;
  let lastEventId = '';
  let pauseMs = 500;
  let current: AbortController | undefined;

  async function connect(): Promise<'again' | 'signed-out'> {
    const controller = (current = new AbortController());
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (lastEventId) headers['Last-Event-ID'] = lastEventId;
    const request = { headers, credentials: 'same-origin', cache: 'no-store', signal: controller.signal } as const;
    const response = await fetch(url, request);
    if (response.status === 401 || response.status === 403) return 'signed-out';
    // The server no longer knows where we were (new data behind it): begin from now.
    if (response.status === 400) lastEventId = '';
    if (!response.ok || !response.body) return 'again';
    handlers.onState('open');
    pauseMs = 500;
    await readBlocks(
      response.body,
      () => controller.abort(),
      (block) => {
        const event = parseBlock(block);
        if (!event) return;
        lastEventId = event.id;
        handlers.onEvent(event);
      },
    );
    return 'again';
  }

  async function run(): Promise<void> {
    handlers.onState('connecting');
    while (!stopped) {
      // A broken connection is expected here: it ends in another attempt, as a clean end does.
      const end = await connect().catch((): 'again' => 'again');
      if (stopped) return;
      handlers.onState(end === 'signed-out' ? 'signed-out' : 'lost');
      if (end === 'signed-out') return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  void run();
  return () => {
    stopped = true;
    current?.abort();
  };
}

async function readBlocks(
  body: ReadableStream<Uint8Array>,
  onSilence: () => void,
  onBlock: (block: string) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let timer = setTimeout(onSilence, silenceMs);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(onSilence, silenceMs);
      const blocks = (rest + decoder.decode(value, { stream: true })).replaceAll('\r\n', '\n').split('\n\n');
      rest = blocks.pop() ?? '';
      blocks.forEach(onBlock);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** One block of the stream format: `id:`, `event:` and `data:` lines; comments and unreadable data give nothing. */
export function parseBlock(block: string): StreamEvent | undefined {
  const data: string[] = [];
  let id = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
    else if (line.startsWith('id:')) id = line.slice(3).trim();
  }
  if (data.length === 0) return undefined;
  try {
    const event = JSON.parse(data.join('\n')) as StreamEvent;
    return { ...event, id: id || event.id };
  } catch {
    return undefined;
  }
}
