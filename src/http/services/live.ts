/** The live stream as the console sees it. */
import type { Live } from '../../flow/live.js';
import type { EventRecord } from '../../flow/models.js';
import type { StreamEvent } from '../../contracts/index.js';
import type { LivePort } from '../ports.js';

export function createLiveService(live: Live): LivePort {
  return { subscribe: (lastEventId, onEvent) => live.subscribe(lastEventId, (event) => onEvent(presentEvent(event))) };
}

/** Ids and states only: what was written, and platform ids, are read by those who may. */
function presentEvent(event: EventRecord): StreamEvent {
  const { text: _text, note: _note, address: _address, ...data } = event.data;
  return {
    id: String(event._id),
    kind: event.kind,
    at: event.at.toISOString(),
    customerId: event.customerId ? String(event.customerId) : null,
    conversationId: event.conversationId ? String(event.conversationId) : null,
    data,
  };
}
