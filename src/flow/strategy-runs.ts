/**
 * Strategies that the clock starts. Every minute each is asked whether it has an occasion now; its people are gone through once, by person id
 * and with the place kept, and each who was not told before is one `strategy.due` event, decided on like any other.
 */
import type { Types } from 'mongoose';
import type { NewDomainEvent, Occasion, Strategy, Trigger } from '../contracts/index.js';
import type { PortraitRecord, Segments } from '../domain/segments/index.js';
import type { Clock } from '../infra/clock.js';
import { localTime } from '../infra/clock.js';
import type { Logger } from '../infra/logger.js';
import type { Act } from './act.js';
import type { FlowModels, StrategyRunRecord } from './models.js';
import type { Outbox } from './outbox.js';
import { decisionId } from './write-decision.js';

export interface StrategyRunsParts {
  models: Pick<FlowModels, 'strategyRuns'>;
  act: Act;
  clock: Clock;
  timeZone: string;
  log: Logger;
  segments: Pick<Segments, 'each'>;
  outbox: Pick<Outbox, 'known'>;
  strategiesInForce(): Promise<readonly Strategy[]>;
  triggers: readonly Trigger[];
}

const BATCH = 200;
/** People of one transaction. */
const TOGETHER = 20;

export function createStrategyRuns(parts: StrategyRunsParts) {
  const { clock, models, timeZone } = parts;

  async function run(): Promise<void> {
    const now = clock.now();
    const instant = { now, local: localTime(now, timeZone), timeZone };
    for (const strategy of await parts.strategiesInForce()) {
      const trigger = parts.triggers.find(({ code }) => code === strategy.trigger.code);
      const occasion = trigger?.due?.(instant, strategy.trigger.args);
      if (!occasion) continue;
      try {
        await go(strategy, occasion);
      } catch (error) {
        parts.log.error({ err: error, strategy: strategy.code }, 'a strategy could not run; it goes on where it was');
      }
    }
  }

  async function go(strategy: Strategy, occasion: Occasion): Promise<void> {
    const found = await begun(strategy, occasion);
    if (found.state === 'done') return;
    const rule = { all: [occasion.who, ...(strategy.audience ? [strategy.audience] : [])] };
    const place = found.cursor ? { after: found.cursor } : {};
    for await (const people of parts.segments.each(rule, clock.now(), { batch: BATCH, ...place })) {
      const last = people.at(-1);
      if (!last) continue;
      const untold = await notToldYet(strategy, occasion, people);
      for (let from = 0; from < untold.length; from += TOGETHER) {
        await tell(strategy, occasion, untold.slice(from, from + TOGETHER));
      }
      await keepPlace(found, last._id, untold.length);
    }
    await models.strategyRuns.updateOne({ _id: found._id }, { $set: { state: 'done', doneAt: clock.now() } });
  }

  async function begun(strategy: Strategy, { key }: Occasion): Promise<StrategyRunRecord> {
    const _id = `${strategy.code}|${key}`;
    const start = { code: strategy.code, version: strategy.version, key, state: 'running' as const, people: 0 };
    const run = await models.strategyRuns
      .findOneAndUpdate(
        { _id },
        { $setOnInsert: { ...start, startedAt: clock.now() } },
        { upsert: true, returnDocument: 'after' },
      )
      .lean<StrategyRunRecord>();
    if (!run) throw new Error(`the run ${_id} was made and is not there`);
    return run;
  }

  const keepPlace = async ({ _id }: StrategyRunRecord, cursor: Types.ObjectId, people: number): Promise<void> =>
    void (await models.strategyRuns.updateOne({ _id }, { $set: { cursor }, $inc: { people } }));

  /** A message for the same occasion to any of a person's records was one to the person. */
  async function notToldYet(
    { code, actions }: Strategy,
    occasion: Occasion,
    people: readonly PortraitRecord[],
  ): Promise<PortraitRecord[]> {
    const idsOf = (person: PortraitRecord): string[] =>
      person.customerIds.flatMap((customerId) =>
        actions.map((_, action) =>
          decisionId([keyFor(occasion, person)], { strategy: code, action, part: 0, customerId: String(customerId) }),
        ),
      );
    const known = await parts.outbox.known(people.flatMap(idsOf));
    return people.filter((person) => !idsOf(person).some((id) => known.has(id)));
  }

  async function tell(strategy: Strategy, occasion: Occasion, people: readonly PortraitRecord[]): Promise<void> {
    const at = clock.now();
    const events = people.flatMap((person): NewDomainEvent[] => {
      const customerId = person.customerIds[0];
      if (!customerId) return [];
      const data = { ...occasion.data, strategy: strategy.code, key: keyFor(occasion, person) };
      return [{ kind: 'strategy.due', customerId: String(customerId), at, data }];
    });
    await parts.act({
      cause: { door: 'clock', task: `strategy:${strategy.code}:${occasion.key}` },
      change: () => Promise.resolve(events),
    });
  }

  return { run };
}

/** What the person's message is about; the same again is told once. */
export function keyFor({ key, once }: Occasion, { lastOrderAt }: Pick<PortraitRecord, 'lastOrderAt'>): string {
  switch (once) {
    case 'occasion':
      return key;
    case 'lastOrder':
      return `after:${lastOrderAt?.toISOString() ?? 'none'}`;
    case 'ever':
      return 'ever';
  }
}
