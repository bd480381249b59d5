/** What the judge has to know of a person, and nothing else; standings.ts gathers it. */
import type { Types } from 'mongoose';
import type { Address, Route } from '../../contracts/index.js';
import type { ConsentState } from '../customers/index.js';
import type { ContactReason } from './reasons.js';

/** `enquiry` follows from the person's last message; the others are placed and lifted. */
export const holdKinds = ['enquiry', 'refund', 'complaint', 'staff'] as const;
export type HoldKind = (typeof holdKinds)[number];

/** Without `until` nobody knows yet how long. */
export interface Hold {
  kind: HoldKind;
  until?: Date;
}

/** One of the person's addresses, with how far it reaches for the message in question. */
export interface StandingPlace {
  address: Address;
  following: boolean;
  blocked?: 'blocked' | 'frozen';
  /** Routes the address's channel can send by, less those of another account's variants and those tried in vain. */
  routes: readonly Route[];
  /** A window that the person's own message opened is open now. */
  wroteInWindow: boolean;
  /** Notice templates of which the person granted one more, as far as the message names them. */
  granted: readonly string[];
  /** Routes with nothing left now, and why. */
  spent: Readonly<Partial<Record<Route, ContactReason>>>;
}

export interface Standing {
  personId: string;
  /** Of everybody linked as this person, oldest first. */
  customerIds: readonly Types.ObjectId[];
  minor: boolean;
  consents: readonly ConsentState[];
  /** When promotion was sent or reserved, as far back as the caps ask. */
  promotions: readonly Date[];
  holds: readonly Hold[];
  /** The address heard of last first, or in the order in which they were asked for. */
  places: readonly StandingPlace[];
}
