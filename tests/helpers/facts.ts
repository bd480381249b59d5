/** Plain facts and events for tests of rules: an unassigned open conversation on Sunday 22 November 2026, 23:00 in Shanghai. */
import type { DomainEvent, Facts, NewDomainEvent } from '../../src/contracts/index.js';

const address = { channel: 'official-account', account: 'main', user: 'o1' } as const;

type Conversation = NonNullable<Facts['conversation']>;

export function facts(change: Partial<Conversation> = {}, local: Partial<Facts['local']> = {}): Facts {
  return {
    now: new Date('2026-11-22T15:00:00Z'),
    local: { date: '2026-11-22', time: '23:00', weekday: 7, ...local },
    timeZone: 'Asia/Shanghai',
    customer: { id: '0'.repeat(24) },
    addresses: [address],
    identity: { address, following: true },
    conversation: { id: '1'.repeat(24), epoch: 0, status: 'open', lastAnswers: {}, ...change },
  };
}

export function eventOf(event: NewDomainEvent): DomainEvent {
  return { ...event, id: '2'.repeat(24), storedAt: event.at, cause: { door: 'chat', inboxId: 'x' } };
}
