/**
 * A person who writes 退订, TD, T, N, 拒收 or R in any chat wants no more of what they did not ask for: their word is kept as a withdrawal of
 * promotion and care by every channel, in the transaction that stores their message. Answers and what is owed go on.
 */
import type { ClientSession, Types } from 'mongoose';
import type { InboundBody, NewDomainEvent } from '../contracts/index.js';
import { isOptOut } from '../domain/contact/index.js';
import type { Consents } from '../domain/customers/index.js';

/** Stands where a text's version stands in what is agreed to on a page. */
const OPT_OUT_TEXT = 'chat-keyword';

export type OptOut = (
  tx: ClientSession,
  customerId: Types.ObjectId,
  body: InboundBody,
  at: Date,
) => Promise<NewDomainEvent[]>;

/** The same message told twice withdraws once. Other messages change nothing. */
export function createOptOut({ consents }: { consents: Pick<Consents, 'record'> }): OptOut {
  return async (tx, customerId, body, at) => {
    if (body.kind !== 'message' || body.content.type !== 'text' || !isOptOut(body.content.text)) return [];
    const events: NewDomainEvent[] = [];
    for (const purpose of ['promotion', 'care'] as const) {
      const word = {
        purpose,
        channel: 'all',
        textVersion: OPT_OUT_TEXT,
        at,
        page: 'chat',
        by: { kind: 'member' },
      } as const;
      events.push(...(await consents.record(tx, customerId, word, true)));
    }
    return events;
  };
}
