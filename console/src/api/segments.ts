/** The routes about segments, lists, tags, the shop's own fields, scores and the dashboard of today. */
import { call } from './client';
import type * as t from './types';

type Paging = { limit?: number; cursor?: string | null };
type Page<T> = t.Page<T>;
const part = encodeURIComponent;
const of = (id: string, what: string): string => `customers/${part(id)}/${what}`;

export const segmentsApi = {
  segment: (id: string) => call<t.SegmentView>('GET', `segments/${part(id)}`),
  addSegment: (body: t.PutSegment) => call<t.SegmentView>('POST', 'segments', { body }),
  putSegment: (id: string, body: t.PutSegment) => call<t.SegmentView>('PUT', `segments/${part(id)}`, { body }),
  removeSegment: (id: string) => call<void>('DELETE', `segments/${part(id)}`),
  segmentVersions: (id: string) => call<{ items: t.SegmentView[] }>('GET', `segments/${part(id)}/versions`),
  /** Of a rule, saved or not. */
  peopleOf: (rule: t.SegmentRule, query: Paging) =>
    call<Page<t.PersonRow>>('POST', 'segments/people', { query, body: { rule } }),
  why: (rule: t.SegmentRule, customerId: string) =>
    call<{ holds: boolean; because: t.Explained }>('POST', 'segments/why', { body: { rule, customerId } }),

  lists: (query: Paging) => call<Page<t.ListView>>('GET', 'lists', { query }),
  addList: (body: t.PutList) => call<t.ListView>('POST', 'lists', { body }),
  putList: (id: string, body: t.PutList) => call<t.ListView>('PUT', `lists/${part(id)}`, { body }),
  changeListPeople: (id: string, body: { add?: string[]; remove?: string[] }) =>
    call<t.ListView>('POST', `lists/${part(id)}/people`, { body }),
  listPeople: (id: string, query: Paging) => call<Page<t.PersonRow>>('GET', `lists/${part(id)}/people`, { query }),

  marks: (id: string) => call<t.CustomerMarks>('GET', of(id, 'marks')),
  changeTags: (id: string, body: { add?: string[]; remove?: string[] }) =>
    call<t.CustomerMarks>('PUT', of(id, 'tags'), { body }),
  tagsInUse: () => call<{ items: Array<{ tag: string; customers: number }> }>('GET', 'tags'),
  customFields: () => call<{ items: t.CustomFieldView[] }>('GET', 'custom-fields'),
  putCustomField: (key: string, body: t.PutCustomField) =>
    call<t.CustomFieldView>('PUT', `custom-fields/${part(key)}`, { body }),
  changeFields: (id: string, fields: t.FieldValues) =>
    call<t.CustomerMarks>('PUT', of(id, 'fields'), { body: { fields } }),
  scores: () => call<t.ScoreRuns>('GET', 'insight/scores'),
  runScores: () => call<t.ScoresAsked>('POST', 'insight/scores', { body: {} }),

  today: () => call<t.Dashboard>('GET', 'dashboard/today'),
  /** `path` as a figure names it: relative to this API, perhaps with a query of its own. */
  rowsAt: (path: string, { limit, cursor }: Paging) => {
    const [route = '', own = ''] = path.split('?');
    return call<Page<t.FigureRow>>('GET', route, {
      query: { ...Object.fromEntries(new URLSearchParams(own)), limit, cursor },
    });
  },
};
