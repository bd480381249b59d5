/** The routes about broadcasts, strategies and their rehearsals, plans, and the contact policy. */
import { call } from './client';
import type * as t from './types';

type Paging = { limit?: number; cursor?: string | null };
type Page<T> = t.Page<T>;
/** The steps of a broadcast that need no words. */
type Step = 'submit' | 'start' | 'resume';
const part = encodeURIComponent;
const one = (id: string, what = ''): string => `broadcasts/${part(id)}${what && `/${what}`}`;
const view = (id: string, what: string, body: unknown = {}) => call<t.BroadcastView>('POST', one(id, what), { body });

export const marketingApi = {
  segments: (query: Paging) => call<Page<t.SegmentView>>('GET', 'segments', { query }),
  segmentFields: () => call<{ items: t.SegmentFieldView[] }>('GET', 'segments/fields'),
  countPeople: (rule: t.SegmentRule) => call<t.SegmentCount>('POST', 'segments/count', { body: { rule } }),
  countJob: (id: string) => call<t.SegmentCountJob>('GET', `segments/counts/${part(id)}`),
  samplePeople: (rule: t.SegmentRule, limit: number) =>
    call<{ items: t.PersonRow[] }>('POST', 'segments/sample', { body: { rule, limit } }),

  broadcasts: (query: Paging & { state?: string }) => call<Page<t.BroadcastSummary>>('GET', 'broadcasts', { query }),
  broadcast: (id: string) => call<t.BroadcastView>('GET', one(id)),
  addBroadcast: (body: t.PutBroadcast) => call<t.BroadcastView>('POST', 'broadcasts', { body }),
  putBroadcast: (id: string, body: t.PutBroadcast) => call<t.BroadcastView>('PUT', one(id), { body }),
  copyBroadcast: (id: string, name: string) => view(id, 'copy', { name }),
  stepBroadcast: (id: string, step: Step) => view(id, step),
  approveBroadcast: (id: string, revision: number) => view(id, 'approve', { revision }),
  rejectBroadcast: (id: string, reason: string) => view(id, 'reject', { reason }),
  pauseBroadcast: (id: string, reason: string) => view(id, 'pause', { reason }),
  cancelBroadcast: (id: string, reason: string) => view(id, 'cancel', { reason }),
  sumUpBroadcast: (id: string, body: { result: string; learned: string }) => view(id, 'summary', body),
  startForecast: (id: string) => call<t.ForecastProgress>('POST', one(id, 'forecast'), { body: {} }),
  forecast: (id: string) => call<t.ForecastProgress>('GET', one(id, 'forecast')),
  testBroadcast: (id: string, to: t.TestSend) => view(id, 'test', to),
  previewBroadcast: (id: string, customerId: string) =>
    call<t.Preview>('POST', one(id, 'preview'), { body: { customerId } }),
  broadcastResults: (id: string) => call<t.BroadcastResults>('GET', one(id, 'results')),
  audience: (id: string, query: Paging & t.AudienceFilter) =>
    call<Page<t.AudiencePerson>>('GET', one(id, 'audience'), { query }),

  library: () => call<{ items: t.LibraryEntry[] }>('GET', 'strategies/library'),
  rules: () => call<t.RulesView>('GET', 'strategies/rules'),
  strategyOutcomes: (code: string) => call<t.StrategyOutcomes>('GET', `strategies/${part(code)}/outcomes`),
  rehearse: (body: t.RehearseBody) => call<t.Rehearsal>('POST', 'strategies/rehearse', { body }),
  rehearsal: (id: string) => call<t.Rehearsal>('GET', `strategies/rehearsals/${part(id)}`),

  plans: (query: Paging) => call<Page<t.PlanView>>('GET', 'plans', { query }),
  addPlan: (body: t.PutPlan) => call<t.PlanView>('POST', 'plans', { body }),
  putPlan: (id: string, body: t.PutPlan) => call<t.PlanView>('PUT', `plans/${part(id)}`, { body }),
  calendar: (from: string, to: string) => call<t.Calendar>('GET', 'calendar', { query: { from, to } }),

  contact: () => call<t.ContactPolicy>('GET', 'contact'),
  stopPromotion: (reason: string) => call<t.PromotionSwitch>('POST', 'contact/stop', { body: { reason } }),
  resumePromotion: (reason: string) => call<t.PromotionSwitch>('POST', 'contact/resume', { body: { reason } }),
  reach: (customerId: string) => call<t.PersonReach>('GET', `customers/${part(customerId)}/reach`),
  placeHold: (customerId: string, body: t.PlaceHold) =>
    call<t.PersonReach>('POST', `customers/${part(customerId)}/holds`, { body }),
  liftHold: (customerId: string, hold: { kind: string; key: string }) =>
    call<t.PersonReach>('DELETE', `customers/${part(customerId)}/holds/${part(hold.kind)}/${part(hold.key)}`),
};
