/** What the routes of tags and of the shop's own fields mean: what people are marked with, over all records of a person. */
import type * as c from '../../../contracts/index.js';
import type {
  CustomerReads,
  CustomField,
  CustomFields,
  CustomValue,
  Persons,
  Tags,
  ValueProblem,
} from '../../../domain/customers/index.js';
import { personFields, personTags } from '../../../domain/customers/index.js';
import type { Segments } from '../../../domain/segments/index.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { MarksPort } from '../../ports-people.js';
import { createChange } from '../console/acting.js';
import { refusedBy } from '../refusals.js';
import { objectId, refuseFields } from './rows.js';

export interface MarksServiceParts {
  act: Act;
  clock: Clock;
  persons: Pick<Persons, 'of'>;
  customerReads: Pick<CustomerReads, 'getMany'>;
  segments: Pick<Segments, 'portraitOf'>;
  tags: Tags;
  customFields: CustomFields;
}

const TAGS_SHOWN = 500;

const expected: Readonly<Record<ValueProblem, string>> = {
  'field.unknown': 'there is no such field',
  'field.type': 'the value does not fit the type of the field',
  'field.option': 'expected one of the options of the field',
  'field.tooLong': 'expected at most 200 characters',
};

export function createMarksService(parts: MarksServiceParts): MarksPort {
  const { clock, tags, customFields } = parts;
  const change = createChange(parts.act);

  /** What is written by hand is shown at once; lists and scores are as the portrait has them, a moment later. */
  async function get(customerId: string): Promise<c.CustomerMarks> {
    const id = objectId(customerId);
    const { customerIds } = await parts.persons.of(null, id);
    const [records, portrait] = await Promise.all([
      parts.customerReads.getMany(customerIds),
      parts.segments.portraitOf(id),
    ]);
    const { code, segment, eight } = portrait?.scores ?? {};
    return {
      tags: personTags(records),
      fields: Object.fromEntries(personFields(records).map(({ k, v }) => [k, shown(v)])),
      lists: [...(portrait?.lists ?? [])],
      rfm: code && segment && eight ? { code, segment, eight } : null,
      group: portrait?.group ?? null,
    };
  }

  const changeTags: MarksPort['changeTags'] = async (customerId, body, by) => {
    // The person has the tags of all their records: taken off one, it is taken off all.
    const { customerIds } = await parts.persons.of(null, objectId(customerId));
    await change(by, async (tx) => {
      const named = await tags.tag(tx, objectId(customerId), body, by.staffId, clock.now());
      if (!named.ok) throw refusedBy(named);
      const events = [...named.events];
      for (const other of customerIds.filter((id) => String(id) !== customerId)) {
        const done = await tags.tag(tx, other, { remove: body.remove }, by.staffId, clock.now());
        if (!done.ok) throw refusedBy(done);
        events.push(...done.events);
      }
      return { events, result: undefined };
    });
    return get(customerId);
  };

  const changeFields: MarksPort['changeFields'] = async (customerId, { fields }, by) => {
    const emptied = Object.fromEntries(Object.entries(fields).filter(([, value]) => value === null));
    const { customerIds } = await parts.persons.of(null, objectId(customerId));
    await change(by, async (tx) => {
      const set = await customFields.set(tx, objectId(customerId), fields, by.staffId, clock.now());
      if (!set.ok) {
        const errors = set.problems.map(({ key, reason }) => ({
          ...{ path: `fields.${key}`, code: reason, message: expected[reason] },
        }));
        refuseFields(errors);
        return { events: [], result: undefined };
      }
      const events = [...set.events];
      // Else the value of another record of the person would come to light.
      for (const other of customerIds.filter((id) => String(id) !== customerId)) {
        const done = await customFields.set(tx, other, emptied, by.staffId, clock.now());
        if (done.ok) events.push(...done.events);
      }
      return { events, result: undefined };
    });
    return get(customerId);
  };

  return {
    ...{ get, changeTags, changeFields },
    tagsInUse: async () => ({ items: await tags.inUse(TAGS_SHOWN) }),
    fields: async () => ({ items: (await customFields.definitions()).map(presentField) }),
    putField: async (key, { title, type, options }, by) => {
      const field: CustomField = { key, title, type, ...(options ? { options: options.map(optionOf) } : {}) };
      await change(by, async (tx) => {
        const done = await customFields.put(tx, field, by.staffId, clock.now());
        if (!done.ok) throw refusedBy(done);
        return { events: done.events, result: undefined };
      });
      return presentField((await customFields.byKey()).get(key) ?? field);
    },
  };
}

/** The console's options are words, the same in every language. */
const optionOf = (value: string): { value: string; title: c.Titles } => ({
  value,
  title: { 'zh-CN': value, en: value },
});

const presentField = ({ key, title, type, options }: CustomField): c.CustomFieldView => ({
  ...{ key, title, type },
  ...(options ? { options: options.map(({ value }) => value) } : {}),
});

/** A day as it was written, else the moment. */
function shown(value: CustomValue): string | number | boolean {
  if (!(value instanceof Date)) return value;
  const text = value.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
}
