/** The services behind the console's routes of segments, lists, marks, scores and the dashboard, put together. */
import type { PeoplePorts } from '../../ports-people.js';
import { createDashboardService } from './dashboard.js';
import type { DashboardServiceParts } from './dashboard.js';
import { createListsService } from './lists.js';
import type { ListsServiceParts } from './lists.js';
import { createMarksService } from './marks.js';
import type { MarksServiceParts } from './marks.js';
import { createScoresService } from './scores.js';
import type { ScoresServiceParts } from './scores.js';
import { createSegmentsService } from './segments.js';
import type { SegmentsServiceParts } from './segments.js';

export type PeopleServicesParts = SegmentsServiceParts &
  ListsServiceParts &
  MarksServiceParts &
  ScoresServiceParts &
  DashboardServiceParts;

export function createPeopleServices(parts: PeopleServicesParts): PeoplePorts {
  return {
    segments: createSegmentsService(parts),
    lists: createListsService(parts),
    marks: createMarksService(parts),
    scores: createScoresService(parts),
    dashboard: createDashboardService(parts),
  };
}
