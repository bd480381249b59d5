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
  /** The shop's zone. */
  timeZone: string;
  customer: { id: string };
  /** Where the person is reached, first the address they are known by best. */
  addresses: readonly Address[];
  /** Of events that belong to a conversation. */
  identity?: { address: Address; following: boolean };
  conversation?: {
    id: string;
    epoch: number;
    status: 'open' | 'closed';
    assigneeId?: string;
    /** Last time each strategy answered in this conversation. */
    lastAnswers: Readonly<Record<string, Date>>;
  };
}

/** Service scenes: each has one sender of record, so that a customer hears of a thing once, from one side. */
export const serviceScenes = ['order-unpaid', 'order-paid', 'order-dispatched', 'level-reached'] as const;
export const ServiceScene = z.enum(serviceScenes);
export type ServiceScene = z.infer<typeof ServiceScene>;
/** Who tells the customer of a scene. */
export const senders = ['huike', 'wechat', 'shop-platform', 'courier', 'nobody'] as const;
export const Sender = z.enum(senders);
export type Sender = z.infer<typeof Sender>;

export interface Trigger<Args = unknown> {
  code: string;
  title: Titles;
  /** Strategies on this trigger act only while Huike is the scene's sender of record. */
  scene?: ServiceScene;
  on: readonly DomainEventKind[];
  args: z.ZodType<Args>;
  /** Pure. */
  matches(event: DomainEvent, facts: Facts, args: Args): boolean;
  /** Must match under the shared suite's facts: an unassigned, open conversation on a Sunday at 23:00. */
  example: { event: NewDomainEvent; args: Args };
}

/** What an action wants done. An effect is applied in the same transaction; a message becomes an outbox row. */
export interface Intent {
  type: 'message';
  message: Message;
  /** Names what the message is about: of one strategy there is one message for it, whatever caused it how often. */
  occurrence?: string;
  /** No longer worth sending after. */
  staleAt?: Date;
}

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
