/** The page's end of the live stream: subscribe to events, see the connection's state. */
import { readonly, ref } from 'vue';
import type { StreamEvent } from '@/api/types';
import { observeBusinessTime } from '@/format/clock';
import type { FromWorker, ToWorker } from './protocol';
import { openStream, type StreamState } from './reader';

const state = ref<StreamState>('connecting');
const listeners = new Set<(event: StreamEvent) => void>();
let leave: ((stopAll: boolean) => void) | undefined;

export const liveState = readonly(state);

/** Calls `listener` for every live event until the returned function is called. */
export function onLiveEvent(listener: (event: StreamEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function take(message: FromWorker): void {
  if (message.type === 'state') state.value = message.state;
  else {
    observeBusinessTime(message.event.at);
    for (const listener of listeners) listener(message.event);
  }
}

function direct(): (stopAll: boolean) => void {
  return openStream('/console/v1/stream', {
    onEvent: (event) => take({ type: 'event', event }),
    onState: (next) => take({ type: 'state', state: next }),
  });
}

function throughWorker(): (stopAll: boolean) => void {
  const worker = new SharedWorker(new URL('./stream.worker.ts', import.meta.url), {
    type: 'module',
    name: 'huike-stream',
  });
  worker.port.onmessage = (message: MessageEvent<FromWorker>) => take(message.data);
  worker.onerror = () => {
    leave = direct();
  };
  const say = (message: ToWorker): void => worker.port.postMessage(message);
  say('join');
  return (stopAll) => {
    say(stopAll ? 'stop' : 'leave');
    worker.port.close();
  };
}

export function startLive(): void {
  if (leave) return;
  leave = typeof SharedWorker === 'undefined' ? direct() : throughWorker();
}

/** `signedOut` ends the stream for every tab: they share the session. */
export function stopLive(signedOut: boolean): void {
  leave?.(signedOut);
  leave = undefined;
  state.value = 'connecting';
}

addEventListener('pagehide', () => stopLive(false));
addEventListener('pageshow', (event) => {
  if (event.persisted) startLive();
});
