/** The shapes of broadcasts, strategies, plans and the contact policy, taken from the product's contracts. Types only. */
import type { z } from 'zod';
import type * as a from '../../../src/contracts/campaign.js';
import type * as c from '../../../src/contracts/http/console.js';
import type * as m from '../../../src/contracts/http/console-marketing.js';

export type { Address } from '../../../src/contracts/address.js';
export type {
  AudienceState,
  BroadcastState,
  CountByReason,
  Metric,
  Reach,
  TestSend,
} from '../../../src/contracts/campaign.js';
export type { LibraryEntry } from '../../../src/contracts/http/console.js';
export type {
  BroadcastResults,
  BroadcastView,
  PersonRow,
  PlanView,
  Rehearsal,
  SegmentView,
} from '../../../src/contracts/http/console-marketing.js';
/** Which part of the audience's rows; all of it when empty. */
export type AudienceFilter = Pick<z.input<typeof m.AudienceQuery>, 'state' | 'reason' | 'wentBy'>;

export type { Message, Purpose, Route } from '../../../src/contracts/message.js';
export type { SegmentCondition, SegmentRule } from '../../../src/contracts/segment.js';
export type { Titles } from '../../../src/contracts/titles.js';

export type SegmentFieldView = z.infer<typeof m.SegmentFields>['items'][number];
export type SegmentCount = z.infer<typeof m.SegmentCount>;
export type SegmentCountJob = z.infer<typeof m.SegmentCountJob>;

export type PutBroadcast = z.input<typeof m.PutBroadcast>;
export type BroadcastSummary = z.infer<typeof m.BroadcastSummary>;
export type ForecastProgress = z.infer<typeof m.ForecastProgress>;
export type Preview = z.infer<typeof m.Preview>;
export type LintWarning = z.infer<typeof m.LintWarning>;
export type AudiencePerson = z.infer<typeof m.AudiencePerson>;

export type RuleView = z.infer<typeof m.RuleView>;
export type RulesView = z.infer<typeof m.RulesView>;
export type StrategyOutcomes = z.infer<typeof m.StrategyOutcomes>;
export type RehearseBody = z.input<typeof m.RehearseBody>;
export type PutStrategyBody = z.input<typeof c.PutStrategy>;

export type PutPlan = z.input<typeof a.PutPlan>;
export type Calendar = z.infer<typeof m.Calendar>;
export type CalendarDay = Calendar['days'][number];

export type ContactPolicy = z.infer<typeof m.ContactPolicy>;
export type PromotionSwitch = z.infer<typeof m.PromotionSwitch>;
export type PlaceHold = z.infer<typeof m.PlaceHold>;
export type PersonReach = z.infer<typeof m.PersonReach>;
