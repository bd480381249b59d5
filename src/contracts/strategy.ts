/** When something happens, what we then do: the values triggers and actions are made of, and the facts they may see. */
import { z } from 'zod';
import type { Address } from './address.js';
import type { DomainEvent, DomainEventKind, NewDomainEvent } from './events.js';
import type { Message } from './message.js';

export const Titles = z.object({ 'zh-CN': z.string(), en: z.string() });
export type Titles = z.infer<typeof Titles>;

/** The moment in the shop's zone. */
export interface LocalTime {
  /** YYYY-MM-DD */
  date: string;
  /** HH:mm */
  time: string;
  /** 1 Monday … 7 Sunday */
  weekday: number;
}

/** Plain data gathered once per event; rules see nothing else and do no I/O. */
export interface Facts {
  now: Date;
  local: LocalTime;
  customer: { id: string };
  identity: { address: Address; following: boolean };
  conversation: {
    id: string;
    epoch: number;
    status: 'open' | 'closed';
    assigneeId?: string;
    /** Last time each strategy answered in this conversation. */
    lastAnswers: Readonly<Record<string, Date>>;
  };
}

export interface Trigger<Args = unknown> {
  code: string;
  title: Titles;
  on: readonly DomainEventKind[];
  args: z.ZodType<Args>;
  /** Pure. */
  matches(event: DomainEvent, facts: Facts, args: Args): boolean;
  /** Must match under the shared suite's facts: an unassigned, open conversation on a Sunday at 23:00. */
  example: { event: NewDomainEvent; args: Args };
}

/** What an action wants done. An effect is applied in the same transaction; a message becomes an outbox row. */
export type Intent = { type: 'message'; message: Message };

export interface Action<Args = unknown> {
  code: string;
  title: Titles;
  args: z.ZodType<Args>;
  /** Pure: facts in, intents out. */
  plan(event: DomainEvent, facts: Facts, args: Args): Intent[];
  example: { args: Args };
}

/** A stored rule. A version never changes; editing makes the next one. */
export interface Strategy {
  code: string;
  version: number;
  enabled: boolean;
  title: Titles;
  /** The metric it should move, for reports. */
  metric: string;
  /** Of one group at most one strategy acts on one event: the one with the highest priority that matches. */
  group: string;
  priority: number;
  trigger: { code: string; args: unknown };
  actions: Array<{ code: string; args: unknown }>;
}
