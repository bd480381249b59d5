/** What the product asks of segments, as one thing: the catalogue, saved segments, static lists, and questions to the portraits at a moment. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { Explained, SegmentFieldView, SegmentRule } from '../../contracts/index.js';
import { viewsOf } from './catalogue.js';
import { createCounts } from './counts.js';
import type { FieldOption } from './fields.js';
import { createLists } from './lists.js';
import { explainRule } from './match.js';
import type { PortraitModels } from './models.js';
import { createPeople } from './people.js';
import type { CountProgress, PeopleOptions } from './people.js';
import type { PortraitRecord } from './portrait.js';
import type { RuleContext } from './question.js';
import { createSaved } from './saved.js';
import type { SavedOptions } from './saved.js';
import type { ListRecord, SegmentModels, SegmentRecord } from './segment-models.js';

export interface SegmentOptions extends PeopleOptions {
  /** The shop's zone. */
  timeZone: string;
  cycleDays: RuleContext['cycleDays'];
  /** The shop's own fields, by key. */
  customFields(tx?: ClientSession | null): Promise<RuleContext['fields']>;
  /** Values there are now of fields whose list is open, such as level, tags, coupons; for the console's builder. */
  choices?: () => Promise<ReadonlyMap<string, readonly FieldOption[]>>;
  /** Whether something above this module asks for a segment or list. */
  usedBy?: SavedOptions['usedBy'];
  /** Real time, by the database's clock: leases of long counts. */
  realNow: () => Date;
}

export type Segments = ReturnType<typeof createSegments>;

/** What rules know besides portraits is read again after so long; changes of this process are seen at once. */
const CACHE_MS = 1000;

type Known = Pick<RuleContext, 'fields' | 'segment'> & { list: (id: string) => boolean };

export function createSegments(models: SegmentModels & Pick<PortraitModels, 'portraits'>, options: SegmentOptions) {
  const { timeZone, cycleDays, customFields, choices, realNow } = options;
  const usedBy = options.usedBy ?? (() => Promise.resolve(false));
  let cached: { at: number; known: Promise<Known> } | undefined;
  const changed = (): void => void (cached = undefined);

  async function readKnown(tx: ClientSession | null): Promise<Known> {
    const fields = await customFields(tx);
    const rules = await models.segments.find({}, { rule: 1 }, { session: tx }).sort({ _id: 1 }).lean<SegmentRecord[]>();
    const lists = await models.lists.find({}, { _id: 1 }, { session: tx }).sort({ _id: 1 }).lean<ListRecord[]>();
    const ruleOf = new Map(rules.map(({ _id, rule }) => [String(_id), rule]));
    const listIds = new Set(lists.map(({ _id }) => String(_id)));
    return { fields, segment: (id) => ruleOf.get(id), list: (id) => listIds.has(id) };
  }

  function knownNow(): Promise<Known> {
    if (cached && Date.now() - cached.at < CACHE_MS) return cached.known;
    const known = readKnown(null);
    const mine = { at: Date.now(), known };
    cached = mine;
    known.catch(() => cached === mine && changed());
    return known;
  }

  const contextOf = (known: Known, now: Date): RuleContext => ({ ...known, now, timeZone, cycleDays });
  /** What rules are asked with at that moment. */
  const context = async (now: Date): Promise<RuleContext> => contextOf(await knownNow(), now);

  const people = createPeople(models.portraits, options);
  const { put, list, get, versions, remove } = createSaved(models, {
    context: async (tx, now) => contextOf(await readKnown(tx), now),
    ...{ usedBy, changed },
  });
  const lists = createLists(models, { usedBy, changed });
  const counts = createCounts(models, { people, context, realNow });

  const catalogue = async (): Promise<SegmentFieldView[]> => viewsOf((await knownNow()).fields, await choices?.());

  /** Of the person whose customer it is; null when there is none, or none yet. */
  async function portraitOf(customerId: string | Types.ObjectId, tx?: ClientSession): Promise<PortraitRecord | null> {
    const wanted = { customerIds: new Types.ObjectId(customerId) };
    const found = await models.portraits.collection.findOne(wanted, tx ? { session: tx } : {});
    return found as unknown as PortraitRecord | null;
  }

  /** Why the customer's person is in or out; null when there is no such person. */
  async function explain(rule: SegmentRule, now: Date, customerId: string): Promise<Explained | null> {
    const portrait = await portraitOf(customerId);
    return portrait && explainRule(rule, portrait, await context(now));
  }

  const count = async (rule: SegmentRule, now: Date, limit: { withinMs: number }) =>
    people.count(rule, await context(now), limit);
  const countInBatches = async (rule: SegmentRule, now: Date, onProgress: (progress: CountProgress) => unknown) =>
    people.countInBatches(rule, await context(now), onProgress);
  const page = async (rule: SegmentRule, now: Date, place: { limit: number; after?: string | undefined }) =>
    people.page(rule, await context(now), place);
  const sample = async (rule: SegmentRule, now: Date, n: number) => people.sample(rule, await context(now), n);

  async function* each(
    rule: SegmentRule,
    now: Date,
    place: { batch: number; after?: Types.ObjectId | undefined },
  ): AsyncGenerator<PortraitRecord[]> {
    yield* people.each(rule, await context(now), place);
  }

  return {
    ...{ catalogue, context, put, list, get, versions, remove, lists, counts },
    ...{ count, countInBatches, page, sample, each, explain, portraitOf },
  };
}
