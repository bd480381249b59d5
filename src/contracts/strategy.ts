/** When something happens, what we then do: the values triggers and actions are made of, and the facts they may see. */
import { z } from 'zod';
import type { Address } from './address.js';
import type { DomainEvent, DomainEventKind, NewDomainEvent } from './events.js';
import type { Message } from './message.js';
import type { CampaignBudget } from './campaign.js';
import type { SegmentRule } from './segment.js';
import type { Titles } from './titles.js';

/** The moment in the shop's zone. */
export interface LocalTime {
  /** YYYY-MM-DD */
  date: string;
  /** HH:mm */
  time: string;
  /** 1 Monday … 7 Sunday */
  weekday: number;
}

/** What rules and texts may know of the person; amounts in fen. Absent: not known. */
export interface PersonFacts {
  name?: string;
  level?: string;
  /** MM-DD */
  birthday?: string;
  points: number;
  growth: number;
  orders: number;
  spent: number;
  lastOrderAt?: Date;
}

/** Plain data gathered once per event; rules see nothing else and do no I/O. */
export interface Facts {
  now: Date;
  local: LocalTime;
  /** The shop's zone. */
  timeZone: string;
  /** Only where a strategy in question asks for it (`needs`). */
  person?: PersonFacts;
  /** By strategy code: whether the person belongs to its audience. Only of strategies that have one. */
  audiences?: Readonly<Record<string, boolean>>;
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
  /**
   * Of strategies that the clock starts: at this instant (asked every minute), which people and for which occasion, or nobody. What it returns
   * for the same occasion must be the same key. The run raises `strategy.due` for each of them. Pure.
   */
  due?(instant: Instant, args: Args): Occasion | undefined;
  /** Pure. */
  matches(event: DomainEvent, facts: Facts, args: Args): boolean;
  /** Must match under the shared suite's facts: an unassigned, open conversation on a Sunday at 23:00. */
  example: { event: NewDomainEvent; args: Args };
}

/** When the clock asks. */
export type Instant = Pick<Facts, 'now' | 'local' | 'timeZone'>;

/** Why the clock starts a strategy now. */
export interface Occasion {
  /** Names it for ever, for example `2026-11` of a monthly one. */
  key: string;
  who: SegmentRule;
  /** How often one person may be told: once an occasion, once for each last order of theirs, or once ever. */
  once: 'occasion' | 'lastOrder' | 'ever';
  /** What texts may name. */
  data?: Readonly<Record<string, unknown>>;
}

/** What an action wants done: a message becomes an outbox row, and an offer in it a voucher in the same transaction. */
export interface Intent {
  type: 'message';
  message: Message;
  /** A voucher granted with the message; where it cannot be, the message is not sent either. */
  offer?: { couponId: string };
  /** Names what the message is about: of one strategy there is one message for it, whatever caused it how often. */
  occurrence?: string;
  /** No longer worth sending after. */
  staleAt?: Date;
}

export interface Action<Args = unknown> {
  code: string;
  title: Titles;
  args: z.ZodType<Args>;
  /** The facts it wants beside the usual. */
  needs?: readonly 'person'[];
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
  /** Only these people; absent: everybody the trigger names. */
  audience?: SegmentRule;
  /** Share that is left alone so that the effect can be measured; never of what is owed or an answer. */
  holdoutPercent?: number;
  budget?: CampaignBudget;
}
