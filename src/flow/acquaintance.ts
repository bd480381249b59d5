/** What strategies and texts know of a person, read from the portrait; of somebody too new to have one, from what there is of them now. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { Action, Facts, PersonFacts, Strategy } from '../contracts/index.js';
import type { CustomerModels } from '../domain/customers/index.js';
import { matchesRule } from '../domain/segments/index.js';
import type { PortraitModels, PortraitRecord, Portraits, Segments } from '../domain/segments/index.js';
import type { Clock } from '../infra/clock.js';
import { IN_ONE_ANSWER } from '../infra/mongo.js';

export interface AcquaintanceParts {
  customers: Pick<CustomerModels, 'customers'>;
  portraits: PortraitModels['portraits'];
  build: Portraits['build'];
  segments: Pick<Segments, 'context'>;
  actions: readonly Action[];
  /** What the programme calls the level. */
  levelTitle(code: string): Promise<string>;
  clock: Clock;
}

export type Acquaintance = ReturnType<typeof createAcquaintance>;

export function createAcquaintance(parts: AcquaintanceParts) {
  /** What these strategies ask for beside the usual facts; nothing is read when none of them asks. */
  async function learn(
    tx: ClientSession,
    customerId: string,
    strategies: readonly Strategy[],
  ): Promise<Pick<Facts, 'person' | 'audiences'>> {
    const withAudience = strategies.filter(({ audience }) => audience !== undefined);
    const asked = strategies.some(({ actions }) => actions.some(({ code }) => needsPerson(code)));
    if (!asked && withAudience.length === 0) return {};
    const portrait = await portraitOf(tx, new Types.ObjectId(customerId));
    if (!portrait) return {};
    const person = await factsOf(portrait);
    if (withAudience.length === 0) return { person };
    const ctx = await parts.segments.context(parts.clock.now());
    const audiences = Object.fromEntries(
      withAudience.map(({ code, audience }) => [code, audience !== undefined && matchesRule(audience, portrait, ctx)]),
    );
    return { person, audiences };
  }

  const needsPerson = (code: string): boolean =>
    parts.actions.find((action) => action.code === code)?.needs?.includes('person') === true;

  async function portraitOf(tx: ClientSession, customerId: Types.ObjectId): Promise<PortraitRecord | undefined> {
    const customer = await parts.customers.customers
      .findById(customerId, { personId: 1 }, { session: tx })
      .lean<{ personId: Types.ObjectId }>();
    if (!customer) return undefined;
    const known = await parts.portraits.findById(customer.personId, null, { session: tx }).lean<PortraitRecord>();
    return known ?? (await parts.build([customer.personId], parts.clock.now()))[0];
  }

  /** By the person's id. */
  async function ofPersons(
    tx: ClientSession | null,
    personIds: readonly Types.ObjectId[],
  ): Promise<ReadonlyMap<string, PersonFacts>> {
    const found = await parts.portraits
      .find({ _id: { $in: [...personIds] } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<PortraitRecord[]>();
    const facts = new Map<string, PersonFacts>();
    for (const portrait of found) facts.set(String(portrait._id), await factsOf(portrait));
    return facts;
  }

  async function factsOf(portrait: PortraitRecord): Promise<PersonFacts> {
    const { name, level, birthday, points, growth, orders, spent, lastOrderAt } = portrait;
    return {
      ...(name ? { name } : {}),
      ...(level ? { level: await parts.levelTitle(level) } : {}),
      ...(birthday ? { birthday } : {}),
      ...{ points, growth, orders, spent },
      ...(lastOrderAt ? { lastOrderAt } : {}),
    };
  }

  return { learn, ofPersons, factsOf };
}
