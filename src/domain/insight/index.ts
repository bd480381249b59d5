/** What the shop can learn of its people: scores and groups with the runs that gave them, and the dashboard of today. Reads what others hold. */
export { insightModels } from './models.js';
export type { Counted, GroupMove, GroupMoveRecord, InsightModels, RunRecord } from './models.js';
export { createInsight } from './runs.js';
export type { Insight, InsightOptions } from './runs.js';
export { defaultInsightRules } from './rules.js';
export type { InsightRules } from './rules.js';
export { createDashboard } from './dashboard.js';
export type { CountedRow, Dashboard, DashboardModels, RowPlace, RowsRequest } from './dashboard.js';
