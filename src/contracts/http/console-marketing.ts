/** Bodies of /console/v1 for segments, campaigns, the contact policy and the dashboard. */
import { z } from 'zod';
import {
  AudienceState,
  BroadcastDraft,
  BroadcastState,
  CampaignBudget,
  CountByReason,
  Metric,
  PutPlan,
  Reach,
} from '../campaign.js';
import { Address } from '../address.js';
import { Message, Route, Purpose } from '../message.js';
import { SegmentFieldView, SegmentRule } from '../segment.js';
import { Titles } from '../titles.js';
import { LibraryEntry, PutStrategy } from './console.js';

const Id = z.string().regex(/^[0-9a-f]{24}$/, 'expected a 24-digit hexadecimal id');
const Time = z.iso.datetime();
const Name = z.string().trim().min(1).max(60);
const Note = z.string().trim().max(500);

// ---- segments
export const SegmentFields = z.object({ items: z.array(SegmentFieldView) });
export const RuleBody = z.strictObject({ rule: SegmentRule });
/** `late`: too many to count at once; the count goes on under `countId`. */
export const SegmentCount = z.object({ people: z.int().nullable(), total: z.int(), countId: z.string().nullable() });
export const SegmentCountJob = z.object({
  state: z.enum(['counting', 'done', 'failed']),
  people: z.int(),
  done: z.int(),
  total: z.int(),
});
/** A person in a list of people; never a phone or an address. */
export const PersonRow = z.object({
  /** Of the customer record whose page opens. */
  customerId: Id,
  name: z.string(),
  level: z.string().nullable(),
  points: z.int(),
  orders: z.int(),
  spent: z.int(),
  lastOrderAt: Time.nullable(),
  lastBehaviourAt: Time.nullable(),
  channels: z.array(z.string()),
  tags: z.array(z.string()),
  rfm: z.string().nullable(),
  group: z.string().nullable(),
});
export type PersonRow = z.infer<typeof PersonRow>;
export const SampleBody = RuleBody.extend({ limit: z.int().min(1).max(20).default(8) });
export const People = z.object({ items: z.array(PersonRow), nextCursor: z.string().nullable() });
export const WhyBody = RuleBody.extend({ customerId: Id });
/** Explained, of contracts/segment.ts. */
export const Why = z.object({ holds: z.boolean(), because: z.record(z.string(), z.unknown()) });
export const PutSegment = z.strictObject({ name: Name, note: Note.default(''), rule: SegmentRule });
export const SegmentView = z.object({
  id: Id,
  name: z.string(),
  note: z.string(),
  rule: z.record(z.string(), z.unknown()),
  version: z.int(),
  changedAt: Time,
  changedBy: z.string(),
});
export type SegmentView = z.infer<typeof SegmentView>;
/** Newest first; `id` is the segment's. */
export const SegmentVersions = z.object({ items: z.array(SegmentView) });
export const PeopleQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().max(200).optional(),
});
export const PutList = z.strictObject({ name: Name, note: Note.default('') });
export const ListView = z.object({ id: Id, name: z.string(), note: z.string(), people: z.int(), changedAt: Time });
export type ListView = z.infer<typeof ListView>;
export const ListPeople = z.strictObject({
  add: z.array(Id).max(500).default([]),
  remove: z.array(Id).max(500).default([]),
});

// ---- tags, custom fields, scores
export const ChangeTags = z.strictObject({
  add: z.array(z.string().trim().min(1).max(20)).max(20).default([]),
  remove: z.array(z.string().trim().min(1).max(20)).max(20).default([]),
});
export const Tags = z.object({ tags: z.array(z.string()) });
export const CustomFieldView = z.object({
  key: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/),
  title: Titles,
  type: z.enum(['text', 'number', 'date', 'boolean', 'choice']),
  options: z.array(z.string().min(1).max(40)).max(50).optional(),
});
export type CustomFieldView = z.infer<typeof CustomFieldView>;
export const PutCustomField = CustomFieldView.omit({ key: true });
export const ChangeFields = z.strictObject({
  fields: z.record(z.string(), z.union([z.string().max(200), z.number(), z.boolean(), z.null()])),
});
export const CustomFieldKey = z.strictObject({ key: CustomFieldView.shape.key });
export const CustomFields = z.object({ items: z.array(CustomFieldView) });
export const TagsInUse = z.object({ items: z.array(z.object({ tag: z.string(), customers: z.int() })) });
/** What the shop notes of a person and what it made of them; of all their records. Dates as YYYY-MM-DD or a moment. */
export const CustomerMarks = z.object({
  tags: z.array(z.string()),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  lists: z.array(Id),
  rfm: z.object({ code: z.string(), segment: z.string(), eight: z.string() }).nullable(),
  group: z.string().nullable(),
});
export type CustomerMarks = z.infer<typeof CustomerMarks>;
/** One run of the scores: RFM and the groups A to E, with the cuts used, the size of each group and who moved since the run before. */
export const ScoreRun = z.object({
  id: z.string(),
  at: Time,
  people: z.int(),
  insufficient: z.boolean(),
  segments: z.array(z.object({ code: z.string(), people: z.int() })),
  eights: z.array(z.object({ code: z.string(), people: z.int() })),
  groups: z.array(z.object({ code: z.string(), people: z.int() })),
  cuts: z.record(z.string(), z.unknown()),
  moves: z.array(z.object({ from: z.string(), to: z.string(), people: z.int() })),
});
export type ScoreRun = z.infer<typeof ScoreRun>;
/** Newest first: the first is the one in force. `failed`: the one asked for last came to nothing. */
export const ScoreRuns = z.object({ items: z.array(ScoreRun), running: z.boolean(), failed: z.boolean() });
export const RunScores = z.strictObject({});
/** `running`: it takes longer than a request; the list of runs tells when it is there. */
export const ScoresAsked = z.object({ state: z.enum(['running', 'done', 'failed']), run: ScoreRun.nullable() });

// ---- strategies
/** A trigger or an action as a form is drawn from it: `args` is a JSON Schema. */
export const RuleView = z.object({
  code: z.string(),
  title: Titles,
  scene: z.string().nullable(),
  byClock: z.boolean(),
  args: z.record(z.string(), z.unknown()),
  example: z.record(z.string(), z.unknown()),
});
export const RulesView = z.object({
  triggers: z.array(RuleView),
  actions: z.array(RuleView),
  metrics: z.array(Metric),
});
export const Library = z.object({ items: z.array(LibraryEntry) });
export const StrategyOutcomes = z.object({
  outcomes: z.array(z.object({ state: z.string(), reason: z.string().nullable(), messages: z.int() })),
  runs: z.array(
    z.object({ key: z.string(), state: z.string(), people: z.int(), startedAt: Time, doneAt: Time.nullable() }),
  ),
  budgetUsed: z.object({ people: z.int(), fen: z.int() }),
});
export const RehearseBody = z.strictObject({
  code: z.string().max(40),
  strategy: PutStrategy,
  days: z.int().min(1).max(30).default(30),
});
export const Rehearsal = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  code: z.string(),
  from: Time,
  to: Time,
  events: z.int(),
  done: z.int(),
  total: z.int(),
  /** How many would have got it, and why the others not. */
  outcomes: z.array(
    z.object({
      outcome: z.enum(['sent', 'held', 'skipped']),
      reason: z.string().nullable(),
      route: Route.nullable(),
      people: z.int(),
    }),
  ),
  items: z.array(
    z.object({
      customerId: Id,
      name: z.string(),
      at: Time,
      outcome: z.enum(['sent', 'held', 'skipped']),
      reason: z.string().nullable(),
      route: Route.nullable(),
      text: z.string(),
    }),
  ),
  /** What could not be known as of then. */
  notes: z.array(z.string()),
});
export type Rehearsal = z.infer<typeof Rehearsal>;

// ---- plans
export const PlanView = PutPlan.extend({ id: Id, changedAt: Time });
export type PlanView = z.infer<typeof PlanView>;
export const CalendarQuery = z.strictObject({ from: z.iso.date(), to: z.iso.date() });
export const Calendar = z.object({
  days: z.array(
    z.object({
      date: z.iso.date(),
      entries: z.array(
        z.object({
          kind: z.enum(['strategy', 'broadcast']),
          id: z.string(),
          title: z.string(),
          planId: z.string().nullable(),
        }),
      ),
      /** Messages of campaigns that left on this day, and that are expected to. */
      sent: z.int(),
      expected: z.int(),
    }),
  ),
});

// ---- broadcasts
const Step = z.object({ by: z.string(), byName: z.string(), at: Time, reason: z.string().nullable() }).nullable();
export const LintWarning = z.object({
  path: z.string(),
  word: z.string(),
  excerpt: z.string(),
  reason: z.string(),
  instead: z.string(),
});
export const BroadcastView = z.object({
  id: Id,
  name: z.string(),
  metric: Metric,
  aim: z.string(),
  audience: z.record(z.string(), z.unknown()),
  audienceNote: z.string(),
  holdoutPercent: z.int(),
  message: Message,
  couponId: Id.nullable(),
  budget: CampaignBudget,
  designNote: z.string(),
  startAt: Time.nullable(),
  endsAt: Time.nullable(),
  state: BroadcastState,
  revision: z.int(),
  author: z.string(),
  authorName: z.string(),
  changedAt: Time,
  submitted: Step,
  approved: Step,
  rejected: Step,
  started: Step,
  begunAt: Time.nullable(),
  paused: Step,
  cancelled: Step,
  finishedAt: Time.nullable(),
  audienceSize: z.int().nullable(),
  preparing: z.object({ done: z.int(), total: z.int() }).nullable(),
  forecast: Reach.extend({ at: Time, stale: z.boolean() }).nullable(),
  tests: z.array(
    z.object({ to: Address, at: Time, outcome: z.string(), reason: z.string().nullable(), stale: z.boolean() }),
  ),
  granted: z.object({ vouchers: z.int(), fen: z.int() }),
  summary: z.object({ result: z.string(), learned: z.string(), at: Time, byName: z.string() }).nullable(),
  /** Whether a second person has to approve it, by the forecast. */
  needsApproval: z.boolean(),
  warnings: z.array(LintWarning),
});
export type BroadcastView = z.infer<typeof BroadcastView>;
export const BroadcastSummary = BroadcastView.pick({
  id: true,
  name: true,
  metric: true,
  state: true,
  startAt: true,
  begunAt: true,
  changedAt: true,
  authorName: true,
  audienceSize: true,
});
export const PutBroadcast = BroadcastDraft;
export const BroadcastsQuery = z.strictObject({
  state: BroadcastState.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().max(200).optional(),
});
export const ForecastProgress = z.object({
  state: z.enum(['counting', 'done', 'failed']),
  people: z.int(),
  reason: z.string().nullable(),
});
export const ApproveBody = z.strictObject({ revision: z.int().min(1) });
export const ReasonBody = z.strictObject({ reason: z.string().trim().min(1).max(200) });
export const CopyBody = z.strictObject({ name: Name });
export const SummaryBody = z.strictObject({
  result: z.string().trim().max(2000),
  learned: z.string().trim().max(2000),
});
export const PreviewBody = z.strictObject({ customerId: Id });
/** The message as this person would read it, and whether they would get it now. */
export const Preview = z.object({
  message: Message,
  verdict: z.object({
    ok: z.boolean(),
    route: Route.nullable(),
    reason: z.string().nullable(),
    until: Time.nullable(),
  }),
});
/** After launch, in the shape of the forecast; `massSends` as the platform told their totals. */
export const BroadcastResults = z.object({
  actual: Reach,
  counts: z.array(CountByReason),
  massSends: z.array(
    z.object({
      account: z.string(),
      state: z.string(),
      people: z.int(),
      reason: z.string().nullable(),
      totals: z
        .object({ status: z.string(), total: z.int(), filtered: z.int(), sent: z.int(), failed: z.int() })
        .nullable(),
    }),
  ),
  /** What those who were told and the hold-out did since it began: orders and fen, vouchers used. Attributed, no proof of effect. */
  effect: z.object({
    told: z.object({ people: z.int(), buyers: z.int(), orders: z.int(), spent: z.int() }),
    heldOut: z.object({ people: z.int(), buyers: z.int(), orders: z.int(), spent: z.int() }),
    vouchersUsed: z.int(),
    until: Time,
    /** The figures are of `until`, and newer ones are being counted; nothing was counted yet where `until` is when it began. */
    counting: z.boolean(),
  }),
});
export type BroadcastResults = z.infer<typeof BroadcastResults>;
export const AudienceQuery = z.strictObject({
  state: AudienceState.optional(),
  reason: z.string().max(80).optional(),
  /** Only those whose message went out, by this route or by any. */
  wentBy: z.enum([...Route.options, 'any']).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().max(300).optional(),
});
export const AudiencePerson = z.object({
  customerId: Id,
  name: z.string(),
  state: AudienceState,
  reason: z.string().nullable(),
  route: Route.nullable(),
  at: Time,
});

// ---- contact policy
export const PromotionSwitch = z.object({
  stopped: z.boolean(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
  at: Time.nullable(),
});
export const ContactPolicy = z.object({
  promotion: PromotionSwitch,
  caps: z.array(z.object({ days: z.int(), most: z.int() })),
  quietHours: z.object({ from: z.string(), to: z.string() }),
  holidays: z.array(z.string()),
  approval: z.object({ people: z.int(), costFen: z.int() }),
  /** Why somebody was not sent something, in words. */
  reasons: z.record(z.string(), Titles),
  /** purpose by route: yes, no, asked, consent. */
  routes: z.record(z.string(), z.record(z.string(), z.string())),
});
export const PlaceHold = z.strictObject({
  kind: z.enum(['complaint', 'staff']),
  until: z.iso.datetime({ offset: true }).optional(),
  note: z.string().trim().max(200).optional(),
});
/** `key` as the person's holds name it. */
export const HoldName = z.strictObject({
  kind: z.enum(['refund', 'complaint', 'staff']),
  key: z.string().min(1).max(200),
});
/** How a person can be reached now, for the customer's page. */
export const PersonReach = z.object({
  minor: z.boolean(),
  personalised: z.boolean(),
  promotions: z.array(Time),
  holds: z.array(z.object({ kind: z.string(), key: z.string(), until: Time.nullable(), note: z.string().nullable() })),
  verdicts: z.array(
    z.object({
      purpose: Purpose,
      ok: z.boolean(),
      route: Route.nullable(),
      reason: z.string().nullable(),
      until: Time.nullable(),
    }),
  ),
});

// ---- dashboard
/** Every figure names the rows behind it: a path of this API, or of the console. */
export const Dashboard = z.object({
  at: Time,
  date: z.iso.date(),
  figures: z.array(
    z.object({
      code: z.string(),
      title: Titles,
      value: z.number(),
      unit: z.enum(['people', 'orders', 'fen', 'messages', 'points', 'vouchers', 'conversations', 'times']),
      /** The same stretch of yesterday. */
      before: z.number().nullable(),
      rows: z.string(),
    }),
  ),
  /** By hour of today, in the shop's zone: 24 numbers each. */
  hours: z.array(z.object({ code: z.string(), title: Titles, values: z.array(z.number()) })),
  /** Outcomes of today's messages by state and reason. */
  outcomes: z.array(
    z.object({ state: z.string(), reason: z.string().nullable(), messages: z.int(), rows: z.string() }),
  ),
  groups: z.array(z.object({ code: z.string(), people: z.int() })),
});
export type Dashboard = z.infer<typeof Dashboard>;
export const FigureParams = z.strictObject({ code: z.string().regex(/^[a-zA-Z]{1,40}$/) });
export const FigureQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().max(200).optional(),
  /** Of `outcomes` alone. */
  state: z.string().max(40).optional(),
  reason: z.string().max(80).optional(),
});
/** One row behind a figure; the `value` of all of them is the figure. */
export const FigureRow = z.object({
  id: z.string(),
  at: Time.nullable(),
  kind: z.string(),
  value: z.number(),
  customerId: Id.nullable(),
  name: z.string().nullable(),
  conversationId: Id.nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type FigureRow = z.infer<typeof FigureRow>;
export const FigureRows = z.object({ items: z.array(FigureRow), nextCursor: z.string().nullable() });
