/** The routes about a person, their orders, points and vouchers, the programme and who speaks in service scenes. */
import { call } from './client';
import type * as t from './types';

type Paging = { limit?: number; cursor?: string | null };
const part = encodeURIComponent;
const of = (id: string, what: string): string => `customers/${part(id)}/${what}`;

export const membershipApi = {
  person: (id: string) => call<t.PersonView>('GET', of(id, 'person')),
  changeProfile: (id: string, body: t.ChangeProfile) => call<unknown>('PATCH', of(id, 'profile'), { body }),
  consents: (id: string) => call<t.Page<t.ConsentEvidence>>('GET', of(id, 'consents')),
  points: (id: string, query: { asOf?: string | undefined }) => call<t.PointsView>('GET', of(id, 'points'), { query }),
  statement: (id: string, query: Paging) => call<t.Page<t.PointsEntry>>('GET', of(id, 'points/statement'), { query }),
  adjustPoints: (id: string, body: t.AdjustBody) => call<unknown>('POST', of(id, 'points'), { body }),
  vouchers: (id: string, query: Paging) => call<t.Page<t.VoucherView>>('GET', of(id, 'vouchers'), { query }),
  grantVoucher: (id: string, body: t.GrantBody) => call<unknown>('POST', of(id, 'vouchers'), { body }),
  revokeVoucher: (id: string, reason: string) =>
    call<unknown>('POST', `vouchers/${part(id)}/revoke`, { body: { reason } }),
  ordersOf: (id: string, query: Paging) => call<t.Page<t.OrderView>>('GET', of(id, 'orders'), { query }),
  orders: (query: Paging & { search?: string; status?: string }) =>
    call<t.Page<t.OrderView>>('GET', 'orders', { query }),
  order: (id: string) => call<t.OrderView>('GET', `orders/${part(id)}`),

  link: (id: string, body: { with: string; reason: string }) => call<unknown>('POST', of(id, 'links'), { body }),
  unlink: (linkId: string, reason: string) => call<unknown>('POST', `links/${part(linkId)}/undo`, { body: { reason } }),
  proposals: (query: Paging) => call<t.Page<t.LinkProposal>>('GET', 'link-proposals', { query }),
  decide: (id: string, body: { accept: boolean; reason: string }) =>
    call<unknown>('POST', `link-proposals/${part(id)}`, { body }),

  programme: () => call<t.ProgrammeView>('GET', 'programme'),
  putProgramme: (body: t.ProgrammeRules) => call<t.ProgrammeView>('PUT', 'programme', { body }),
  coupons: (query: Paging) => call<t.Page<t.CouponView>>('GET', 'coupons', { query }),
  addCoupon: (body: t.PutCoupon) => call<t.CouponView>('POST', 'coupons', { body }),
  putCoupon: (id: string, body: t.PutCoupon) => call<t.CouponView>('PUT', `coupons/${part(id)}`, { body }),
  senders: () => call<t.Page<t.SenderView>>('GET', 'senders'),
  chooseSender: (scene: t.ServiceScene, sender: t.Sender) =>
    call<unknown>('PUT', `senders/${part(scene)}`, { body: { sender } }),
};
