/** Scores of everybody: RFM and the groups A to E, run by run. */
import { RunScores, ScoreRuns, ScoresAsked } from '../../contracts/index.js';
import type { ScoresPort } from '../ports-people.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';

export function scoreRoutes(scores: ScoresPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/insight/scores',
      access: { permission: 'segments.read' },
      limit: 'console',
      summary: 'Runs of the scores, newest first, with the cuts used and who moved between groups',
      response: json(ScoreRuns),
      handle: async () => scores.list(),
    }),
    route({
      method: 'POST',
      path: '/console/v1/insight/scores',
      access: { permission: 'segments.edit' },
      limit: 'console',
      audit: 'scores.run',
      summary: 'Score everybody now; where it takes long it goes on in the background',
      body: RunScores,
      response: json(ScoresAsked, 202),
      handle: async () => scores.run(),
    }),
  ];
}
