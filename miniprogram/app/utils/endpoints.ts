/** Every question the mini-program asks the server, one line each. Paths are below /member/v1. */
import { call, callOpen } from './api';
import type * as t from './types';

const pageOf = (cursor: string | null, limit = 20): { limit: number; cursor?: string } =>
  cursor === null ? { limit } : { limit, cursor };

export const readMe = () => call<t.Me>('GET', '/me');
export const readTexts = () => callOpen<t.Texts>('/texts');
export const join = (request: t.JoinRequest) => call<t.Me>('POST', '/join', request);
export const changeMe = (change: t.ProfileChange) => call<t.Me>('PUT', '/me', change);
export const givePhone = (phoneCode: string) => call<t.Me>('POST', '/phone', { phoneCode });
export const changePrivacy = (change: t.PrivacyChange) => call<t.Me>('POST', '/privacy', change);
export const checkIn = () => call<t.CheckedIn>('POST', '/checkin');
export const readPoints = (cursor: string | null) => call<t.Page<t.Entry>>('GET', '/points', pageOf(cursor));
export const readLevels = () => call<{ items: t.LevelStep[] }>('GET', '/levels');
export const readOffers = () => call<t.Page<t.Offer>>('GET', '/offers');
export const claimOffer = (couponId: string, requestKey: string) =>
  call<t.Voucher>('POST', '/offers/claim', { couponId, requestKey });
export const readOrders = (cursor: string | null) => call<t.Page<t.Order>>('GET', '/orders', pageOf(cursor));
export const readMessages = (cursor: string | null, limit?: number) =>
  call<t.Page<t.Message>>('GET', '/messages', pageOf(cursor, limit));
/** Up to when messages were shown: the time of the newest. */
export const markRead = (until: string) => call<unknown>('PUT', '/messages/read', { until });
export const reportNotices = (report: t.NoticesReport) =>
  call<{ granted: number; repeated: boolean }>('POST', '/notices', report);

const mostPages = 10;

/** All vouchers, usable and not: the tabs sort them. People have few; more than a thousand are not shown. */
export async function readVouchers(): Promise<t.Voucher[]> {
  const found: t.Voucher[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < mostPages; i++) {
    const page: t.Page<t.Voucher> = await call<t.Page<t.Voucher>>('GET', '/vouchers', pageOf(cursor, 100));
    found.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return found;
}
