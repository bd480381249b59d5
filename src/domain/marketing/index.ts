/** Strategies and scene codes. */
export { marketingModels } from './models.js';
export type { MarketingModels, SceneRecord, StrategyRecord } from './models.js';
export { createStrategies } from './strategies.js';
export type { RuleBook, Strategies } from './strategies.js';
export { inHoldout } from './holdout.js';
export { fillIn, placeholdersIn, unknownWords, wordNames } from './words.js';
export { library, bodyOf } from './library.js';
export type { Choices } from './library.js';
export { createSenders } from './senders.js';
export type { Senders } from './senders.js';
export { createScenes } from './scenes.js';
export type { Scenes } from './scenes.js';
export { campaignModels, testOutcomes } from './campaign-models.js';
export type {
  AudienceRecord,
  BroadcastRecord,
  BroadcastTest,
  BudgetRecord,
  CampaignModels,
  Forecast,
  PlanRecord,
  Preparing,
  Step,
  TestOutcome,
} from './campaign-models.js';
export { ForbiddenWord, ForbiddenWords, lint } from './lint.js';
export type { LintedText, LintFinding } from './lint.js';
export { audienceId, createAudience } from './audience.js';
export type { Audience, AudienceChange, AudienceFilter, AudiencePlace, FrozenPerson } from './audience.js';
export { broadcastCampaign, strategyCampaign } from './campaigns.js';
export { AUDIENCE_GREW, createBroadcasts } from './broadcasts.js';
export type { BroadcastOptions, Broadcasts, By, Changed } from './broadcasts.js';
export { draftProblemCodes, textsOf } from './broadcasts-checks.js';
export { broadcastRefusals, isAboveLimits, isDue, sizeOf } from './broadcasts-steps.js';
export type { BroadcastLimits, BroadcastRefusal } from './broadcasts-steps.js';
export { pauseReasons, watch, watchLimits } from './broadcasts-watch.js';
export type { PauseReason, WatchFigures, WatchLimits } from './broadcasts-watch.js';
export { createBudgets, isLimited } from './budgets.js';
export type { Amount, Budgets } from './budgets.js';
export { createPlans } from './plans.js';
export type { Plans } from './plans.js';
export { createCalendar } from './calendar.js';
export type { Calendar, CalendarDay, CalendarEntry, CalendarParts } from './calendar.js';
