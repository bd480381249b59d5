/**
 * May we reach this person now, for this purpose, by which route? The one place that answers, before quota and cost.
 * Pure decisions here; the quota ledger beside it is what makes them binding. Must not send.
 */
export { quotaModel } from './models.js';
export type { QuotaRecord } from './models.js';
export { createQuotaLedger } from './ledger.js';
export type { CreditRules, QuotaLedger, Reserved, Room } from './ledger.js';
export { noticeModel } from './notices-model.js';
export type { NoticeRecord } from './notices-model.js';
export { createNoticeLedger } from './notices.js';
export type { NoticeLedger, NoticesTold } from './notices.js';
export { endOfQuiet, quietUntil } from './quiet-hours.js';
export type { QuietHours } from './quiet-hours.js';
export { createDriftWatch, DRIFT_LIMIT } from './drift.js';
export type { CreditRule, WindowView } from './credits.js';
export { routeTable, routeOrder, permitOf } from './routes.js';
export { chooseRoute, chooseWay, forbiddenRoutes } from './ways.js';
export type { Place, Reach, RouteChoice, WayChoice } from './ways.js';

export { contactModels } from './contact-models.js';
export type {
  ContactBookRecord,
  ContactModels,
  HoldRecord,
  MassSendRecord,
  PlacedHoldKind,
  PromotionSwitchRecord,
} from './contact-models.js';
export { contactReasons } from './reasons.js';
export type { ContactReason } from './reasons.js';
export { createJudge, gateNames, isGated, judge, refuses, sieveNames } from './judge.js';
export type { Asked, ContactRules, GateName, Judge, Judged, SieveName, Verdict } from './judge.js';
export { holdKinds } from './standing.js';
export type { Hold, HoldKind, Standing, StandingPlace } from './standing.js';
export { createStandings } from './standings.js';
export type { GatherAsk, StandingParts, Standings } from './standings.js';
export type { Cap } from './caps.js';
export { createContactBook } from './book.js';
export type { CapAsked, CapReserved, ContactBook } from './book.js';
export { createMassSends } from './mass-sends.js';
export type { MassSends, MassSendsPerMonth } from './mass-sends.js';
export { createPromotionSwitch } from './promotion-switch.js';
export type { PromotionSwitch, Thrown } from './promotion-switch.js';
export { createHolds, defaultHoldAfterMs } from './holds.js';
export type { HoldName, HoldOptions, Holds, Lifting, Placing } from './holds.js';
export { isOptOut } from './opt-out.js';
