/** The shapes of segments, lists, tags, the shop's own fields, scores and the dashboard, taken from the contracts. Types only. */
import type { z } from 'zod';
import type * as m from '../../../src/contracts/http/console-marketing.js';

export type {
  CustomerMarks,
  CustomFieldView,
  Dashboard,
  FigureRow,
  ListView,
  ScoreRun,
} from '../../../src/contracts/http/console-marketing.js';
export type { Explained } from '../../../src/contracts/segment.js';

export type PutSegment = z.input<typeof m.PutSegment>;
export type PutList = z.input<typeof m.PutList>;
export type ScoreRuns = z.infer<typeof m.ScoreRuns>;
export type ScoresAsked = z.infer<typeof m.ScoresAsked>;
export type PutCustomField = z.input<typeof m.PutCustomField>;
export type FieldValues = z.infer<typeof m.ChangeFields>['fields'];
export type Figure = z.infer<typeof m.Dashboard>['figures'][number];
