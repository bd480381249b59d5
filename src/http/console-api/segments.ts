/** Segments: which people a rule means, how many they are, and rules kept under a name. */
import {
  PageQuery,
  People,
  PeopleQuery,
  PutSegment,
  RuleBody,
  SampleBody,
  SegmentCount,
  SegmentCountJob,
  SegmentFields,
  SegmentVersions,
  SegmentView,
  Why,
  WhyBody,
  page,
} from '../../contracts/index.js';
import type { SegmentsPort } from '../ports-people.js';
import { json, nothing, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const read = { access: { permission: 'segments.read' }, limit: 'console' } as const;
const edit = { access: { permission: 'segments.edit' }, limit: 'console' } as const;

export const segmentRoutes = (segments: SegmentsPort): Route[] => [
  ...questionRoutes(segments),
  ...savedRoutes(segments),
];

/** Of rules that need not be saved. They are POSTs because a rule is too long for a URL, and change nothing. */
function questionRoutes(segments: SegmentsPort): Route[] {
  return [
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/segments/fields',
      summary: 'The catalogue of fields that rules ask, with their operators and values',
      response: json(SegmentFields),
      handle: async () => segments.fields(),
    }),
    route({
      ...read,
      method: 'POST',
      path: '/console/v1/segments/count',
      reads: true,
      summary: 'How many people the rule holds for; a count that takes longer goes on in the background',
      body: RuleBody,
      response: json(SegmentCount),
      handle: async ({ body, by }) => segments.count(body, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/segments/counts/:id',
      summary: 'How far a count in the background has come',
      params: ById,
      response: json(SegmentCountJob),
      refusals: ['count.notFound'],
      handle: async ({ params }) => segments.counted(params.id),
    }),
    route({
      ...read,
      method: 'POST',
      path: '/console/v1/segments/sample',
      reads: true,
      summary: 'Some of the people the rule holds for, others each time',
      body: SampleBody,
      response: json(People),
      refusals: ['segment.slow'],
      handle: async ({ body }) => segments.sample(body),
    }),
    route({
      ...read,
      method: 'POST',
      path: '/console/v1/segments/people',
      reads: true,
      summary: 'The people the rule holds for, a page at a time',
      query: PeopleQuery,
      body: RuleBody,
      response: json(People),
      refusals: ['segment.slow'],
      handle: async ({ body, query }) => segments.people(body, query),
    }),
    route({
      ...read,
      method: 'POST',
      path: '/console/v1/segments/why',
      reads: true,
      summary: 'Why the rule holds for a person or not: each condition with its answer',
      body: WhyBody,
      response: json(Why),
      refusals: ['customer.notFound'],
      handle: async ({ body }) => segments.why(body),
    }),
  ];
}

function savedRoutes(segments: SegmentsPort): Route[] {
  return [
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/segments',
      summary: 'Saved segments, changed last first',
      query: PageQuery,
      response: json(page(SegmentView)),
      handle: async ({ query }) => segments.list(query),
    }),
    route({
      ...edit,
      method: 'POST',
      path: '/console/v1/segments',
      audit: 'segment.add',
      summary: 'Save a rule under a name',
      body: PutSegment,
      response: json(SegmentView, 201),
      handle: async ({ body, by }) => segments.add(body, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/segments/:id',
      summary: 'One segment, as it is in force',
      params: ById,
      response: json(SegmentView),
      refusals: ['segment.notFound'],
      handle: async ({ params }) => segments.get(params.id),
    }),
    route({
      ...edit,
      method: 'PUT',
      path: '/console/v1/segments/:id',
      audit: 'segment.put',
      summary: 'Make the next version of a segment; the same again makes none',
      params: ById,
      body: PutSegment,
      response: json(SegmentView),
      refusals: ['segment.notFound'],
      handle: async ({ params, body, by }) => segments.put(params.id, body, by),
    }),
    route({
      ...edit,
      method: 'DELETE',
      path: '/console/v1/segments/:id',
      audit: 'segment.remove',
      summary: 'Remove a segment that nothing asks for',
      params: ById,
      response: nothing,
      refusals: ['segment.notFound', 'segment.inUse'],
      handle: async ({ params, by }) => segments.remove(params.id, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/segments/:id/versions',
      summary: 'The versions of a segment with who made them, newest first',
      params: ById,
      response: json(SegmentVersions),
      refusals: ['segment.notFound'],
      handle: async ({ params }) => segments.versions(params.id),
    }),
  ];
}
