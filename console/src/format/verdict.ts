/** In one line whether a person can be reached now, by which way, or why not and until when. */
import type { Route } from '../api/types.js';
import { i18n, textIfAny } from '../i18n.js';
import { describeReason } from './problems.js';
import { fullTime } from './time.js';

export interface Verdict {
  ok: boolean;
  route: Route | null;
  reason: string | null;
  until: string | null;
}

export const routeName = (route: string): string => textIfAny(`routes.${route}`) ?? route;

export function describeVerdict({ ok, route, reason, until }: Verdict): string {
  if (ok) return i18n.global.t('reach.by', { route: route ? routeName(route) : '' });
  const why = describeReason(reason) || i18n.global.t('reach.notNow');
  return until ? i18n.global.t('reach.until', { why, time: fullTime(until) }) : why;
}
