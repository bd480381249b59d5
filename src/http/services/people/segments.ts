/** What the routes of segments mean. A question to the portraits never goes past everybody inside a request: what takes longer is a job. */
import type * as c from '../../../contracts/index.js';
import type { Tags } from '../../../domain/customers/index.js';
import type { Membership } from '../../../domain/membership/index.js';
import { checkRule } from '../../../domain/segments/index.js';
import type { SegmentRecord, Segments, SegmentVersionRecord } from '../../../domain/segments/index.js';
import { notFound } from '../../../errors.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { Actor } from '../../ports.js';
import type { SegmentsPort } from '../../ports-people.js';
import { createChange, namesOf } from '../console/acting.js';
import type { NameOf } from '../console/acting.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import { behindOf, presentPersonRow, refuseFields, toPeople } from './rows.js';

export interface SegmentsServiceParts {
  act: Act;
  clock: Clock;
  segments: Segments;
  nameOf: NameOf;
  /** About how many people there are. */
  people(): Promise<number>;
  tags: Pick<Tags, 'inUse'>;
  membership: { programme: Pick<Membership['programme'], 'current'>; coupons: Pick<Membership['coupons'], 'list'> };
}

/** Longest that a request waits for a count. */
const COUNT_MS = 1500;
const VERSIONS = 50;
/** Values offered of a field whose list is open. */
const OFFERED = 200;

export function createSegmentsService(parts: SegmentsServiceParts): SegmentsPort {
  const { clock, segments } = parts;
  const change = createChange(parts.act);

  async function refuseWrong(rule: c.SegmentRule): Promise<void> {
    refuseFields(checkRule(rule, await segments.context(clock.now())));
  }

  /** Fields whose values are the shop's own come with those there are now. */
  const fields: SegmentsPort['fields'] = async () => {
    const [found, { rules }, tags, coupons] = await Promise.all([
      segments.catalogue(),
      parts.membership.programme.current(clock.now()),
      parts.tags.inUse(OFFERED),
      parts.membership.coupons.list(OFFERED),
    ]);
    const offered = new Map([
      ['level', rules.levels.map(({ code, title }) => ({ value: code, title }))],
      ['tags', tags.map(({ tag }) => optionOf(tag, tag))],
      ['coupons', coupons.map(({ _id, title }) => optionOf(String(_id), title))],
    ]);
    return { items: found.map((field) => withOptions(field, offered.get(field.code))) };
  };

  const count: SegmentsPort['count'] = async ({ rule }, by) => {
    await refuseWrong(rule);
    const [counted, total] = await Promise.all([
      segments.count(rule, clock.now(), { withinMs: COUNT_MS }),
      parts.people(),
    ]);
    if ('count' in counted) return { people: counted.count, total: Math.max(total, counted.count), countId: null };
    const begun = await change(by, async (tx) => ({
      events: [],
      result: await segments.counts.begin(tx, rule, { staffId: by.staffId, at: clock.now() }),
    }));
    return { people: null, total, countId: String(begun._id) };
  };

  const people: SegmentsPort['people'] = async ({ rule }, { limit, cursor }) => {
    await refuseWrong(rule);
    return toPeople(await segments.page(rule, clock.now(), { limit: limit + 1, after: behindOf(cursor) }), limit);
  };

  const sample: SegmentsPort['sample'] = async ({ rule, limit }) => {
    await refuseWrong(rule);
    const found = await segments.sample(rule, clock.now(), limit);
    return { items: found.map(presentPersonRow), nextCursor: null };
  };

  const why: SegmentsPort['why'] = async ({ rule, customerId }) => {
    await refuseWrong(rule);
    const because = await segments.explain(rule, clock.now(), customerId);
    if (!because) throw notFound('customer');
    return { holds: because.holds, because: { ...because } };
  };

  async function put(id: string | null, { name, note, rule }: Parameters<SegmentsPort['add']>[0], by: Actor) {
    const segment = await change(by, async (tx) => {
      const done = await segments.put(tx, id, { name, note, rule }, { staffId: by.staffId, at: clock.now() });
      return { events: done.events, result: done.segment };
    });
    return presentOne(segment);
  }

  async function presentOne(segment: SegmentRecord): Promise<c.SegmentView> {
    const names = await namesOf(parts.nameOf, [segment.changedBy]);
    return presentSegment(segment, String(segment._id), names);
  }

  return {
    ...{ fields, count, people, sample, why },
    counted: async (id) => {
      const { state, people: counted, done, total } = await segments.counts.get(id);
      return { state: state === 'done' ? 'done' : 'counting', people: counted, done, total };
    },
    list: async ({ limit, cursor }) => {
      const found = await segments.list({ limit: limit + 1, after: positionOf(cursor) });
      const names = await namesOf(
        parts.nameOf,
        found.map(({ changedBy }) => changedBy),
      );
      const present = (one: SegmentRecord): c.SegmentView => presentSegment(one, String(one._id), names);
      return toPage(found, limit, present, ({ changedAt, _id }) => cursorOf(changedAt, _id));
    },
    get: async (id) => presentOne(await segments.get(id)),
    versions: async (id) => {
      await segments.get(id);
      const found = await segments.versions(id, VERSIONS);
      const names = await namesOf(
        parts.nameOf,
        found.map(({ changedBy }) => changedBy),
      );
      return { items: found.map((one) => presentSegment(one, String(one.segmentId), names)) };
    },
    add: (body, by) => put(null, body, by),
    put: (id, body, by) => put(id, body, by),
    remove: async (id, by) => {
      await change(by, async (tx) => ({
        events: await segments.remove(tx, id, { staffId: by.staffId, at: clock.now() }),
        result: undefined,
      }));
    },
  };
}

type Options = NonNullable<c.SegmentFieldView['options']>;

const optionOf = (value: string, text: string): Options[number] => ({ value, title: { 'zh-CN': text, en: text } });

const withOptions = (field: c.SegmentFieldView, options: Options | undefined): c.SegmentFieldView =>
  field.options || !options ? field : { ...field, options };

function presentSegment(
  { name, note, rule, version, changedAt, changedBy }: SegmentRecord | SegmentVersionRecord,
  id: string,
  names: ReadonlyMap<string, string>,
): c.SegmentView {
  const by = names.get(changedBy) ?? changedBy;
  return { id, name, note, rule: { ...rule }, version, changedAt: changedAt.toISOString(), changedBy: by };
}
