/** What a member has: points, vouchers, levels, offers, orders, messages; and the daily check-in. */
import {
  CheckedIn,
  ClaimBody,
  MemberEntry,
  MemberLevels,
  MemberMessage,
  MemberOffer,
  MemberOrder,
  MemberPageQuery,
  MemberVoucher,
  MessagesReadBody,
  page,
} from '../../contracts/index.js';
import type { MemberPort } from '../ports.js';
import { json, nothing, route } from '../route.js';
import type { Route } from '../route.js';

const shared = { access: 'member', limit: 'member' } as const;
const list = { ...shared, method: 'GET', query: MemberPageQuery, refusals: ['request.badCursor'] } as const;

export function cardRoutes(member: MemberPort): Route[] {
  return [
    route({
      ...list,
      path: '/member/v1/points',
      summary: 'The points statement, newest first',
      response: json(page(MemberEntry)),
      handle: async ({ query, by }) => member.points(query, by),
    }),
    route({
      ...list,
      path: '/member/v1/vouchers',
      summary: "One's vouchers",
      response: json(page(MemberVoucher)),
      handle: async ({ query, by }) => member.vouchers(query, by),
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/member/v1/levels',
      summary: 'The levels and their benefits',
      response: json(MemberLevels),
      handle: async ({ by }) => member.levels(by),
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/member/v1/offers',
      summary: 'Coupons that may be claimed, and why one may not',
      response: json(page(MemberOffer)),
      handle: async ({ by }) => member.offers(by),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/member/v1/offers/claim',
      summary: 'Claim a coupon; the same requestKey claims once',
      body: ClaimBody,
      response: json(MemberVoucher),
      handle: async ({ body, by }) => member.claim(body, by),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/member/v1/checkin',
      summary: 'Check in for today, once',
      response: json(CheckedIn),
      handle: async ({ by }) => member.checkin(by),
    }),
    route({
      ...list,
      path: '/member/v1/orders',
      summary: "One's orders with their dispatch state, newest first",
      response: json(page(MemberOrder)),
      handle: async ({ query, by }) => member.orders(query, by),
    }),
    route({
      ...list,
      path: '/member/v1/messages',
      summary: 'Messages kept in the mini-program, newest first',
      response: json(page(MemberMessage)),
      handle: async ({ query, by }) => member.messages(query, by),
    }),
    route({
      ...shared,
      method: 'PUT',
      path: '/member/v1/messages/read',
      summary: 'Messages up to this moment were read; an older moment changes nothing',
      body: MessagesReadBody,
      response: nothing,
      handle: async ({ body, by }) => member.messagesRead(body, by),
    }),
  ];
}
