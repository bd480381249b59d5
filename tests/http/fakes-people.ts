/** In-memory ports of segments, lists, marks, scores and the dashboard: valid answers, some with a field too many, which must not leave. */
import type { PeoplePorts } from '../../src/http/ports-people.js';
import type { Answer } from './fakes.js';

const ID = 'a'.repeat(24);
const at = '2026-03-01T02:00:00.000Z';
const one = <T>(item: T) => ({ items: [item], nextCursor: null });
const secret = { phone: 'not for browsers' };
const titles = { 'zh-CN': '标签', en: 'Tags' };

const person = {
  ...{ customerId: ID, name: '小林', level: 'silver', points: 120, orders: 2, spent: 30_000, lastOrderAt: at },
  ...{ lastBehaviourAt: null, channels: ['official-account'], tags: ['爱运动'], rfm: 'loyal', group: 'D', ...secret },
};
const segment = {
  ...{ id: ID, name: '上海', note: '', rule: { field: 'city', op: 'is', value: '上海' } },
  ...{ version: 2, changedAt: at, changedBy: 'Lin' },
};
const list = { id: ID, name: '内测', note: '', people: 3, changedAt: at };
const marks = {
  ...{ tags: ['爱运动'], fields: { height: 160 }, lists: [ID] },
  ...{ rfm: { code: '545', segment: 'champions', eight: 'key-value' }, group: 'E', ...secret },
};
const field = { key: 'height', title: titles, type: 'number' as const };
const run = {
  ...{ id: 'r1', at, people: 40, insufficient: false, segments: [{ code: 'champions', people: 40 }] },
  ...{ eights: [], groups: [{ code: 'E', people: 40 }], cuts: {}, moves: [{ from: 'new', to: 'E', people: 40 }] },
};
const rows = 'dashboard/today/rows/orders';
const figure = { code: 'orders', title: titles, value: 2, unit: 'orders' as const, before: 1, rows };
const row = {
  ...{ id: ID, at, kind: 'order.paid', value: 1, customerId: ID, name: '小林', conversationId: null },
  data: { orderNo: 'A1' },
};

export function fakePeople(answer: Answer): PeoplePorts {
  const choice = {
    code: 'tags',
    title: titles,
    group: 'profile' as const,
    kind: 'set' as const,
    ops: ['has' as const],
  };
  return {
    segments: {
      fields: () => answer('segments.fields', { items: [choice] }),
      count: () => answer('segments.count', { people: 3, total: 40, countId: null }),
      counted: () => answer('segments.counted', { state: 'done' as const, people: 3, done: 40, total: 40 }),
      sample: () => answer('segments.sample', one(person)),
      people: () => answer('segments.people', one(person)),
      why: () => answer('segments.why', { holds: true, because: { kind: 'condition', holds: true } }),
      list: () => answer('segments.list', one(segment)),
      get: () => answer('segments.get', segment),
      versions: () => answer('segments.versions', { items: [segment] }),
      add: () => answer('segments.add', segment),
      put: () => answer('segments.put', segment),
      remove: () => answer('segments.remove', undefined),
    },
    lists: {
      list: () => answer('lists.list', one(list)),
      add: () => answer('lists.add', list),
      put: () => answer('lists.put', list),
      people: () => answer('lists.people', one(person)),
      changePeople: () => answer('lists.changePeople', list),
    },
    marks: {
      get: () => answer('marks.get', marks),
      tagsInUse: () => answer('marks.tagsInUse', { items: [{ tag: '爱运动', customers: 2 }] }),
      changeTags: () => answer('marks.changeTags', marks),
      changeFields: () => answer('marks.changeFields', marks),
      fields: () => answer('marks.fields', { items: [field] }),
      putField: () => answer('marks.putField', field),
    },
    scores: {
      list: () => answer('scores.list', { items: [run], running: false, failed: false }),
      run: () => answer('scores.run', { state: 'done' as const, run }),
    },
    dashboard: {
      today: () =>
        answer('dashboard.today', {
          ...{ at, date: '2026-03-01', figures: [figure] },
          hours: [{ code: 'orders', title: titles, values: new Array<number>(24).fill(0) }],
          outcomes: [{ state: 'sent', reason: null, messages: 2, rows }],
          groups: [{ code: 'E', people: 40 }],
        }),
      rows: () => answer('dashboard.rows', one(row)),
    },
  };
}
