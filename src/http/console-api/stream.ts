/**
 * The live stream: server-sent events (WHATWG HTML, section 9.2), resumed from Last-Event-ID, ended when the session ends,
 * when a reader is too slow (it resumes by itself), or when the server stops.
 */
import type { ServerResponse } from 'node:http';
import { StreamEvent } from '../../contracts/index.js';
import { RequestProblem } from '../../errors.js';
import type { LivePort } from '../ports.js';
import { route, stream } from '../route.js';
import type { Exchange, Route } from '../route.js';

export interface StreamParts {
  live: LivePort;
  /** All open streams, so that a stop can end them. */
  open: Set<() => void>;
  pingMs: number;
}

const MAX_STREAMS_EACH = 12;
const MAX_UNSENT_BYTES = 1024 * 1024;
const RECONNECT_MS = 2000;

export function streamRoutes(parts: StreamParts): Route[] {
  const perStaff = new Map<string, number>();
  return [
    route({
      method: 'GET',
      path: '/console/v1/stream',
      access: { permission: 'inbox.read' },
      limit: 'console',
      summary: 'Events as they are stored; resumes from Last-Event-ID; a comment every 15 seconds',
      response: stream(StreamEvent),
      refusals: ['stream.tooMany', 'request.badCursor'],
      handle: async ({ by, http }) => {
        const others = perStaff.get(by.staffId) ?? 0;
        if (others >= MAX_STREAMS_EACH) {
          throw new RequestProblem(429, 'stream.tooMany', 'Too many live streams of one person.', {
            retryAfterSeconds: 30,
          });
        }
        const lastEventId = lastEventIdOf(http);
        // Whoever left while they were being proved has closed already: nothing would ever end what begins now.
        if (http.raw.res.closed || http.raw.req.socket.destroyed) return;
        perStaff.set(by.staffId, others + 1);
        http.raw.res.once('close', () => {
          const left = (perStaff.get(by.staffId) ?? 1) - 1;
          if (left > 0) perStaff.set(by.staffId, left);
          else perStaff.delete(by.staffId);
        });
        serve(parts, { http, lastEventId });
      },
    }),
  ];
}

function lastEventIdOf(http: Exchange): string | undefined {
  const id = http.header('Last-Event-ID');
  if (id === undefined || /^[\w.:-]{1,200}$/.test(id)) return id;
  throw new RequestProblem(400, 'request.badCursor', 'This Last-Event-ID was not given by this stream.');
}

function serve(
  { live, open, pingMs }: StreamParts,
  { http, lastEventId }: { http: Exchange; lastEventId: string | undefined },
): void {
  const { res } = http.raw;
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  res.write(`retry: ${RECONNECT_MS}\n\n`);
  const end = (): void => void res.end();
  const unsubscribe = live.subscribe(lastEventId, (event) => send(res, event));
  const ping = setInterval(() => void pingOrEnd(http), pingMs);
  open.add(end);
  res.once('close', () => {
    clearInterval(ping);
    open.delete(end);
    unsubscribe();
  });
}

/** A comment keeps proxies from closing the connection; whoever is signed out or disabled meanwhile hears no more. */
async function pingOrEnd(http: Exchange): Promise<void> {
  const { res } = http.raw;
  const allowed = await http.stillAllowed().catch(() => false);
  if (allowed && res.writable) res.write(': ping\n\n');
  else res.end();
}

function send(res: ServerResponse, event: StreamEvent): void {
  if (!res.writable) return;
  if (res.writableLength > MAX_UNSENT_BYTES) return void res.destroy();
  const data = JSON.stringify(StreamEvent.parse(event));
  res.write(`id: ${event.id}\nevent: ${event.kind}\ndata: ${data}\n\n`);
}
