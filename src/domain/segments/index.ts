/**
 * Which people: portraits, rules over them as a query and in memory, saved segments, static lists. It reads what other modules hold and writes
 * nothing of theirs; it must not send or decide.
 */
export { portraitModels } from './models.js';
export type { PortraitModels, ScoreRecord } from './models.js';
export type { PortraitRecord, Scores } from './portrait.js';
export { createPortraits, PORTRAIT_BATCH } from './portraits.js';
export type { PortraitOptions, Portraits } from './portraits.js';
export { segmentModels } from './segment-models.js';
export type {
  CountRecord,
  ListMemberRecord,
  ListRecord,
  SegmentModels,
  SegmentRecord,
  SegmentVersionRecord,
} from './segment-models.js';
export { createSegments } from './segments.js';
export type { SegmentOptions, Segments } from './segments.js';
export type { ByWhom, PutSegment } from './saved.js';
export { MAX_LISTED } from './lists.js';
export type { Listed } from './lists.js';
export type { CountProgress } from './people.js';
export { segmentFields } from './catalogue.js';
export type { FieldOption } from './fields.js';
export { segmentPresets } from './presets.js';
export type { SegmentPreset } from './presets.js';
export { checkRule, MAX_EXPANDED, namedBy } from './prepare.js';
export { compileRule, isSelective } from './compile.js';
export { explainRule, matchesRule } from './match.js';
export type { RuleContext, SegmentField } from './question.js';
export { portraitIndexes } from './portrait-indexes.js';
export { rfmEights, rfmSegments, valueGroups } from './score-codes.js';
export { dayOf, shiftDay, startOfDay } from './days.js';
