/** What the routes of plans and of the calendar mean. */
import type { NewDomainEvent } from '../../../contracts/index.js';
import type { By, Calendar, CalendarEntry, PlanRecord, Plans, Strategies } from '../../../domain/marketing/index.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { Actor, PlansPort } from '../../ports.js';
import { createChange } from '../console/acting.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import { presentPlan } from './views.js';

export interface PlansServiceParts {
  act: Act;
  clock: Clock;
  plans: Plans;
  calendar: Calendar;
  strategies: Pick<Strategies, 'list'>;
}

export function createPlansService({ act, clock, plans, calendar, strategies }: PlansServiceParts): PlansPort {
  const change = createChange(act);

  async function put(id: string | null, body: Parameters<Plans['put']>[2], by: Actor) {
    const plan = await change(by, async (tx): Promise<{ events: NewDomainEvent[]; result: PlanRecord }> => {
      const as: By = { staffId: by.staffId, at: clock.now() };
      const { plan: stored, events } = await plans.put(tx, id, body, as);
      return { events, result: stored };
    });
    return presentPlan(plan);
  }

  return {
    list: async ({ limit, cursor }) => {
      const after = positionOf(cursor);
      const found = await plans.list({ limit: limit + 1, ...(after ? { after } : {}) });
      return toPage(found, limit, presentPlan, ({ changedAt, _id }) => cursorOf(changedAt, _id));
    },
    add: (body, by) => put(null, body, by),
    put: (id, body, by) => put(id, body, by),
    calendar: async ({ from, to }) => {
      const days = await calendar.days(from, to, clock.now());
      const titles = new Map((await strategies.list()).map(({ code, title }) => [code, title['zh-CN']]));
      return {
        days: days.map(({ date, entries, sent, expected }) => ({
          ...{ date, sent, expected },
          entries: entries.flatMap((entry) => presentEntry(entry, titles)),
        })),
      };
    },
  };
}

/** One for each plan that holds it. */
function presentEntry({ kind, id, name, plans }: CalendarEntry, titles: ReadonlyMap<string, string>) {
  const title = name ?? titles.get(id) ?? id;
  return (plans.length ? plans : [null]).map((planId) => ({ kind, id, title, planId }));
}
