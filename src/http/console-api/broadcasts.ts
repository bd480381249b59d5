/** Broadcasts: written, counted, tried, approved by a second person, started and followed to their outcomes. Never deleted. */
import type { z } from 'zod';
import {
  ApproveBody,
  AudiencePerson,
  AudienceQuery,
  BroadcastResults,
  BroadcastSummary,
  BroadcastView,
  BroadcastsQuery,
  CopyBody,
  ForecastProgress,
  Preview,
  PreviewBody,
  PutBroadcast,
  ReasonBody,
  SummaryBody,
  TestSend,
  page,
} from '../../contracts/index.js';
import type { Actor, BroadcastsPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const read = { access: { permission: 'broadcasts.read' }, limit: 'console' } as const;
const edit = { access: { permission: 'broadcasts.edit' }, limit: 'console' } as const;
const approve = { access: { permission: 'broadcasts.approve' }, limit: 'console' } as const;
const PATH = '/console/v1/broadcasts';
const ONE = `${PATH}/:id`;
const gone = 'broadcast.notFound';
/** What keeps one from leaving the author's desk. */
const notReady = ['broadcast.noForecast', 'broadcast.ended', 'broadcast.wordsForbidden'];
/** What a second person is needed for. */
const second = ['broadcast.secondPerson', 'broadcast.testMissing'];

export const broadcastRoutes = (broadcasts: BroadcastsPort): Route[] => [
  ...writing(broadcasts),
  ...trying(broadcasts),
  ...steps(broadcasts),
  ...outcomes(broadcasts),
];

function writing(broadcasts: BroadcastsPort): Route[] {
  return [
    route({
      ...read,
      method: 'GET',
      path: PATH,
      summary: 'Broadcasts, changed last first',
      query: BroadcastsQuery,
      response: json(page(BroadcastSummary)),
      handle: async ({ query }) => broadcasts.list(query),
    }),
    route({
      ...edit,
      method: 'POST',
      path: PATH,
      audit: 'broadcast.add',
      summary: 'Begin a draft',
      body: PutBroadcast,
      response: json(BroadcastView, 201),
      handle: async ({ body, by }) => broadcasts.add(body, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: ONE,
      summary: 'One broadcast with its forecast, tests, steps and warnings about its words',
      params: ById,
      response: json(BroadcastView),
      refusals: [gone],
      handle: async ({ params }) => broadcasts.get(params.id),
    }),
    route({
      ...edit,
      method: 'PUT',
      path: ONE,
      audit: 'broadcast.put',
      summary: 'Change a draft: its next revision. One that was submitted is a draft again',
      params: ById,
      body: PutBroadcast,
      response: json(BroadcastView),
      refusals: [gone, 'broadcast.notDraft'],
      handle: async ({ params, body, by }) => broadcasts.put(params.id, body, by),
    }),
    route({
      ...edit,
      method: 'POST',
      path: `${ONE}/copy`,
      audit: 'broadcast.copy',
      summary: 'A new draft from this one, without its times',
      params: ById,
      body: CopyBody,
      response: json(BroadcastView, 201),
      refusals: [gone],
      handle: async ({ params, body, by }) => broadcasts.copy(params.id, body, by),
    }),
  ];
}

function trying(broadcasts: BroadcastsPort): Route[] {
  return [
    route({
      ...edit,
      method: 'POST',
      path: `${ONE}/forecast`,
      audit: 'broadcast.forecast',
      summary: 'Count in the background whom it would reach, by which route, why not the others, and what it costs',
      params: ById,
      response: json(ForecastProgress, 202),
      refusals: [gone, 'broadcast.notDraft'],
      handle: async ({ params, by }) => broadcasts.startForecast(params.id, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: `${ONE}/forecast`,
      summary: 'How far the count has got; its result is on the broadcast',
      params: ById,
      response: json(ForecastProgress),
      refusals: [gone, 'forecast.notFound'],
      handle: async ({ params }) => broadcasts.forecast(params.id),
    }),
    route({
      ...read,
      method: 'POST',
      path: `${ONE}/preview`,
      reads: true,
      summary: 'The message as this person would read it, and whether they would get it now',
      params: ById,
      body: PreviewBody,
      response: json(Preview),
      refusals: [gone, 'customer.notFound'],
      handle: async ({ params, body }) => broadcasts.preview(params.id, body),
    }),
    route({
      ...edit,
      method: 'POST',
      path: `${ONE}/test`,
      audit: 'broadcast.test',
      summary: 'Send it, marked as a test, to one of the shop’s own people, outside audience and caps',
      params: ById,
      body: TestSend,
      response: json(BroadcastView),
      refusals: [gone, 'broadcast.notDraft', 'customer.notFound', 'address.notFound', 'address.unreachable'],
      handle: async ({ params, body, by }) => broadcasts.test(params.id, body, by),
    }),
  ];
}

function steps(broadcasts: BroadcastsPort): Route[] {
  return [
    step(
      { ...edit, verb: 'submit', summary: 'Ask a second person to approve it' },
      [...notReady, 'broadcast.notDraft'],
      {
        handle: (id, by) => broadcasts.submit(id, by),
      },
    ),
    stepWith({ ...approve, verb: 'approve', summary: 'Approve the revision that was seen' }, ApproveBody, {
      refusals: [...notReady, ...second, 'broadcast.notSubmitted', 'broadcast.revisionStale'],
      handle: (id, body, by) => broadcasts.approve(id, body, by),
    }),
    stepWith({ ...approve, verb: 'reject', summary: 'Give it back to its author with a reason' }, ReasonBody, {
      refusals: ['broadcast.notSubmitted'],
      handle: (id, body, by) => broadcasts.reject(id, body, by),
    }),
    step(
      { ...edit, verb: 'start', summary: 'Start it now, or at its time; again it changes nothing' },
      [...notReady, 'broadcast.notApproved', 'broadcast.needsApproval'],
      { handle: (id, by) => broadcasts.start(id, by) },
    ),
    stepWith({ ...edit, verb: 'pause', summary: 'Nothing leaves any more until it is resumed' }, ReasonBody, {
      refusals: ['broadcast.notRunning'],
      handle: (id, body, by) => broadcasts.pause(id, body, by),
    }),
    step(
      { ...edit, verb: 'resume', summary: 'Go on. Where its audience has grown beyond the limits this approves it' },
      [...notReady, ...second, 'broadcast.notPaused', 'permission.denied'],
      { handle: (id, by) => broadcasts.resume(id, by) },
    ),
    stepWith({ ...edit, verb: 'cancel', summary: 'End it for good; what has left stays sent' }, ReasonBody, {
      refusals: ['broadcast.over'],
      handle: (id, body, by) => broadcasts.cancel(id, body, by),
    }),
    stepWith({ ...edit, verb: 'summary', summary: 'Keep what came of it and what was learned' }, SummaryBody, {
      refusals: ['broadcast.notBegun'],
      handle: (id, body, by) => broadcasts.summary(id, body, by),
    }),
  ];
}

interface Shared {
  access: { permission: 'broadcasts.edit' | 'broadcasts.approve' };
  limit: 'console';
  verb: string;
  summary: string;
}
type View = Awaited<ReturnType<BroadcastsPort['get']>>;

function step(
  { verb, ...shared }: Shared,
  refusals: readonly string[],
  { handle }: { handle(id: string, by: Actor): Promise<View> },
): Route {
  return route({
    ...shared,
    ...({ method: 'POST', path: `${ONE}/${verb}`, audit: `broadcast.${verb}`, params: ById } as const),
    response: json(BroadcastView),
    refusals: [gone, ...refusals],
    handle: async ({ params, by }) => handle(params.id, by),
  });
}

function stepWith<B extends z.ZodType>(
  { verb, ...shared }: Shared,
  body: B,
  {
    refusals,
    handle,
  }: { refusals: readonly string[]; handle(id: string, body: z.output<B>, by: Actor): Promise<View> },
): Route {
  return route({
    ...shared,
    ...({ method: 'POST', path: `${ONE}/${verb}`, audit: `broadcast.${verb}`, params: ById } as const),
    body,
    response: json(BroadcastView),
    refusals: [gone, ...refusals],
    handle: async (given) => handle(given.params.id, given.body as z.output<B>, given.by),
  });
}

function outcomes(broadcasts: BroadcastsPort): Route[] {
  return [
    route({
      ...read,
      method: 'GET',
      path: `${ONE}/results`,
      summary:
        'What became of it, in the shape of the forecast, and what people did since. Attributed, no proof of effect',
      params: ById,
      response: json(BroadcastResults),
      refusals: [gone],
      handle: async ({ params }) => broadcasts.results(params.id),
    }),
    route({
      ...read,
      method: 'GET',
      path: `${ONE}/audience`,
      summary: 'The people of its audience, each in one state with its reason',
      params: ById,
      query: AudienceQuery,
      response: json(page(AudiencePerson)),
      refusals: [gone, 'request.badCursor'],
      handle: async ({ params, query }) => broadcasts.audience(params.id, query),
    }),
  ];
}
