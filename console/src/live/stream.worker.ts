/** One live stream for all tabs of this browser: HTTP/1.1 allows six connections an origin, and every tab would hold one. */
import { openStream, type StreamState } from './reader';
import type { FromWorker, ToWorker } from './protocol';

const scope = self as unknown as { onconnect: ((event: MessageEvent) => void) | null };
const ports = new Set<MessagePort>();
let stop: (() => void) | undefined;
let state: StreamState = 'connecting';

function broadcast(message: FromWorker): void {
  for (const port of ports) port.postMessage(message);
}

function start(): void {
  if (stop && state !== 'signed-out') return;
  stop?.();
  stop = openStream('/console/v1/stream', {
    onEvent: (event) => broadcast({ type: 'event', event }),
    onState: (next) => {
      state = next;
      broadcast({ type: 'state', state });
    },
  });
}

function end(): void {
  stop?.();
  stop = undefined;
}

scope.onconnect = (connected) => {
  const port = connected.ports[0];
  if (!port) return;
  port.onmessage = (message: MessageEvent<ToWorker>) => {
    if (message.data === 'join') {
      ports.add(port);
      start();
      port.postMessage({ type: 'state', state } satisfies FromWorker);
    } else if (message.data === 'leave') {
      ports.delete(port);
      if (ports.size === 0) end();
    } else end();
  };
};
