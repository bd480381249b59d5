/**
 * A strategy run over past events under a virtual clock: who would have been told what, and why the others not. Decides with the corridor's own
 * `decide` and the contact policy's own judge, on what was true then as far as it is kept; sends nothing and reserves nothing.
 */
import { Types } from 'mongoose';
import type { DomainEvent, Facts, Route, Strategy, Trigger } from '../contracts/index.js';
import type { Standing, Verdict } from '../domain/contact/index.js';
import { consentStateOf } from '../domain/customers/index.js';
import type { CustomerModels, IdentityRecord } from '../domain/customers/index.js';
import { inHoldout, strategyCampaign } from '../domain/marketing/index.js';
import { matchesRule } from '../domain/segments/index.js';
import type { PortraitModels, PortraitRecord, Portraits, Segments } from '../domain/segments/index.js';
import { localTime } from '../infra/clock.js';
import type { Acquaintance } from './acquaintance.js';
import { decide, listenersOf } from './decide.js';
import type { Decision, Rules } from './decide.js';
import type { Judging } from './judging.js';
import type { EventRecord, FlowModels } from './models.js';
import { decisionId } from './write-decision.js';
import { keyFor } from './strategy-runs.js';

export interface Rehearsed {
  customerId: string;
  name: string;
  at: Date;
  outcome: 'sent' | 'held' | 'skipped';
  reason?: string;
  route?: Route;
  text: string;
}

export interface RehearseParts {
  models: Pick<FlowModels, 'events'>;
  customers: Pick<CustomerModels, 'identities' | 'consents' | 'customers'>;
  portraits: PortraitModels['portraits'];
  build: Portraits['build'];
  segments: Pick<Segments, 'context'>;
  acquaintance: Pick<Acquaintance, 'factsOf'>;
  judging: Pick<Judging, 'judge' | 'look'>;
  routesOf(channel: string): readonly Route[];
  rules: Rules;
  timeZone: string;
}

export interface Rehearsing {
  strategy: Strategy;
  from: Date;
  to: Date;
  onProgress(progress: { done: number; total: number; events: number }): void;
  onOutcome(outcome: Rehearsed): void;
}

/** People times occasions that one rehearsal goes through. */
export const MOST_LOOKS = 2_000_000;
export class RehearsalTooLarge extends Error {}

const BATCH = 500;
const MINUTE_MS = 60_000;
const WINDOW_MS = 48 * 3_600_000;

/** What a run remembers, as the outbox and the contact book would. */
interface Memory {
  told: Set<string>;
  promotions: Map<string, Date[]>;
  spent: { people: number };
}

export function createRehearse(parts: RehearseParts) {
  const { rules, timeZone } = parts;

  return async (asked: Rehearsing): Promise<void> => {
    await parts.judging.look();
    const trigger = rules.triggers.find(({ code }) => code === asked.strategy.trigger.code);
    if (!trigger) return;
    const memory: Memory = { told: new Set(), promotions: new Map(), spent: { people: 0 } };
    if (trigger.due) await byClock(asked, trigger, memory);
    else await byEvents(asked, trigger, memory);
  };

  async function byEvents(asked: Rehearsing, trigger: Trigger, memory: Memory): Promise<void> {
    const which = { kind: { $in: [...trigger.on] }, at: { $gte: asked.from, $lte: asked.to } };
    const total = await parts.models.events.countDocuments(which);
    const cursor = parts.models.events
      .find(which)
      .sort({ at: 1, _id: 1 })
      .lean<EventRecord[]>()
      .cursor({ batchSize: BATCH });
    let done = 0;
    for await (const record of cursor) {
      await one(asked, eventOf(record as EventRecord), memory);
      done++;
      if (done % 50 === 0) asked.onProgress({ done, total, events: done });
    }
    asked.onProgress({ done, total, events: done });
  }

  /** Minute by minute for its occasions; at each of them everybody is looked at as they were then. */
  async function byClock(asked: Rehearsing, trigger: Trigger, memory: Memory): Promise<void> {
    const occasions = occasionsOf(asked, trigger);
    const people = await parts.portraits.estimatedDocumentCount();
    const total = people * occasions.length;
    if (total > MOST_LOOKS) throw new RehearsalTooLarge();
    let done = 0;
    let events = 0;
    for (const { at, occasion } of occasions) {
      const ctx = { ...(await parts.segments.context(at)), now: at };
      for await (const portraits of everybody(at)) {
        for (const portrait of portraits.filter((one) => matchesRule(occasion.who, one, ctx))) {
          const customerId = String(portrait.customerIds[0]);
          const data = { ...occasion.data, strategy: asked.strategy.code, key: keyFor(occasion, portrait) };
          const event: DomainEvent = {
            id: `${String(portrait._id)}@${at.getTime()}`,
            storedAt: at,
            cause,
            kind: 'strategy.due',
            customerId,
            at,
            data,
          };
          await one(asked, event, memory, portrait);
          events++;
        }
        done += portraits.length;
        asked.onProgress({ done, total: Math.max(total, done), events });
      }
    }
  }

  function occasionsOf({ strategy, from, to }: Rehearsing, trigger: Trigger) {
    const seen = new Map<string, { at: Date; occasion: NonNullable<ReturnType<NonNullable<Trigger['due']>>> }>();
    for (let time = from.getTime(); time <= to.getTime(); time += MINUTE_MS) {
      const at = new Date(time);
      const occasion = trigger.due?.({ now: at, local: localTime(at, timeZone), timeZone }, strategy.trigger.args);
      if (occasion && !seen.has(occasion.key)) seen.set(occasion.key, { at, occasion });
    }
    return [...seen.values()];
  }

  async function* everybody(asOf: Date): AsyncGenerator<PortraitRecord[]> {
    let after: Types.ObjectId | undefined;
    for (;;) {
      const ids = await parts.portraits
        .find(after ? { _id: { $gt: after } } : {}, { _id: 1 })
        .sort({ _id: 1 })
        .limit(BATCH)
        .lean<Array<{ _id: Types.ObjectId }>>();
      const last = ids.at(-1);
      if (!last) return;
      after = last._id;
      yield await parts.build(
        ids.map(({ _id }) => _id),
        asOf,
      );
    }
  }

  async function one(asked: Rehearsing, event: DomainEvent, memory: Memory, known?: PortraitRecord): Promise<void> {
    const { strategy } = asked;
    if (!event.customerId || listenersOf(event, [strategy], rules).length === 0) return;
    const portrait = known ?? (await portraitThen(event.customerId, event.at));
    if (!portrait) return;
    const then = await peopleThen(portrait, event.at);
    if (then.places.length === 0) return;
    const facts = await factsThen(strategy, event, portrait, then);
    for (const decision of decide(event, facts, [strategy], rules)) {
      asked.onOutcome(await judged(strategy, event, decision, portrait, then, memory));
    }
  }

  async function portraitThen(customerId: string, at: Date): Promise<PortraitRecord | undefined> {
    const customer = await parts.customers.customers
      .findById(customerId, { personId: 1 })
      .lean<{ personId: Types.ObjectId }>();
    return customer ? (await parts.build([customer.personId], at))[0] : undefined;
  }

  /** Addresses that followed then, and the consents of then. */
  async function peopleThen({ customerIds, _id, minor }: PortraitRecord, at: Date): Promise<Standing> {
    const identities = await parts.customers.identities
      .find({ customerId: { $in: customerIds } })
      .lean<IdentityRecord[]>();
    const words = await parts.customers.consents.find({ customerId: { $in: customerIds }, at: { $lte: at } }).lean();
    const wroteAt = await parts.models.events
      .findOne(
        {
          customerId: { $in: customerIds },
          kind: 'message.received',
          at: { $lte: at, $gt: new Date(at.getTime() - WINDOW_MS) },
        },
        { at: 1 },
      )
      .lean();
    const places = identities
      .filter((identity) => followedThen(identity, at))
      .toSorted((a, b) => (b.followedAt ?? b.createdAt).getTime() - (a.followedAt ?? a.createdAt).getTime())
      .map(({ address }) => ({
        address,
        following: true,
        routes: parts.routesOf(address.channel),
        wroteInWindow: wroteAt !== null,
        granted: [],
        spent: wroteAt ? {} : { 'customer-message': 'window.closed' as const },
      }));
    return {
      personId: String(_id),
      customerIds,
      minor,
      consents: consentStateOf(words),
      promotions: [],
      holds: [],
      places,
    };
  }

  async function factsThen(
    strategy: Strategy,
    event: DomainEvent,
    portrait: PortraitRecord,
    { places }: Standing,
  ): Promise<Facts> {
    const ctx = { ...(await parts.segments.context(event.at)), now: event.at };
    // An event of a conversation does not name its address: the person's first one stands for it.
    const address = event.conversationId ? places[0]?.address : undefined;
    return {
      now: event.at,
      local: localTime(event.at, timeZone),
      timeZone,
      customer: { id: String(event.customerId) },
      addresses: places.map((place) => place.address),
      person: await parts.acquaintance.factsOf(portrait),
      ...(strategy.audience ? { audiences: { [strategy.code]: matchesRule(strategy.audience, portrait, ctx) } } : {}),
      ...(event.conversationId && address
        ? {
            identity: { address, following: true },
            conversation: { id: event.conversationId, epoch: 0, status: 'open' as const, lastAnswers: {} },
          }
        : {}),
    };
  }

  async function judged(
    strategy: Strategy,
    event: DomainEvent,
    { action, part, intent }: Decision,
    portrait: PortraitRecord,
    then: Standing,
    memory: Memory,
  ): Promise<Rehearsed> {
    const { message, occurrence } = intent;
    const about = {
      customerId: String(event.customerId),
      name: portrait.name ?? '',
      at: event.at,
      text: textOf(message.variants),
    };
    const skipped = (reason: string): Rehearsed => ({ ...about, outcome: 'skipped', reason });
    const id = decisionId([occurrence ?? event.id], {
      strategy: strategy.code,
      action,
      part,
      customerId: then.personId,
    });
    if (memory.told.has(id)) return skipped('strategy.toldBefore');
    memory.told.add(id);
    const woos = message.purpose === 'promotion' || message.purpose === 'care';
    if (woos && inHoldout(strategyCampaign(strategy.code), then.personId, strategy.holdoutPercent ?? 0))
      return skipped('campaign.heldOut');
    if (strategy.budget?.people !== undefined && woos && memory.spent.people >= strategy.budget.people) {
      return skipped('campaign.budgetUsed');
    }
    const promotions = memory.promotions.get(then.personId) ?? [];
    const verdict = parts.judging.judge(message, { ...then, promotions }, event.at);
    if (!verdict.ok && verdict.outcome === 'skipped') return skipped(verdict.reason);
    memory.spent.people++;
    if (message.purpose === 'promotion') memory.promotions.set(then.personId, [...promotions, event.at]);
    return { ...about, ...outcomeOf(verdict) };
  }
}

const cause = { door: 'clock', task: 'rehearsal' } as const;

function outcomeOf(verdict: Verdict): Pick<Rehearsed, 'outcome' | 'reason' | 'route'> {
  if (verdict.ok) return { outcome: 'sent', route: verdict.route };
  return { outcome: 'held', reason: verdict.reason };
}

function followedThen({ createdAt, followedAt, unfollowedAt, following }: IdentityRecord, at: Date): boolean {
  if (createdAt > at) return false;
  if (unfollowedAt && unfollowedAt <= at)
    return followedAt !== undefined && followedAt > unfollowedAt && followedAt <= at;
  return following || (unfollowedAt !== undefined && unfollowedAt > at);
}

function textOf(variants: Decision['intent']['message']['variants']): string {
  const [content] = Object.values(variants);
  if (!content) return '';
  if (content.type === 'text') return content.text;
  if (content.type === 'menu') return content.head;
  if (content.type === 'notice' || content.type === 'template')
    return content.data['text'] ?? Object.values(content.data).join(' ');
  return content.type;
}

function eventOf(record: EventRecord): DomainEvent {
  const { _id, customerId, conversationId, ...rest } = record;
  return {
    ...rest,
    id: String(_id),
    ...(customerId ? { customerId: String(customerId) } : {}),
    ...(conversationId ? { conversationId: String(conversationId) } : {}),
  };
}
