/** What /member/v1 answers. Amounts are fen, points whole numbers, times ISO 8601. A test compares these with the server's own schemas. */

export type Purpose = 'care' | 'promotion' | 'personalisation';
export type ConsentChannel = 'wechat' | 'sms' | 'email' | 'all';
export type AgeBand = 'under14' | '14to17' | 'adult';
export type Gender = 'female' | 'male' | 'other';
export type VoucherState = 'granted' | 'used' | 'expired' | 'revoked';
export type OrderStatus =
  'pending' | 'paid' | 'dispatched' | 'delivered' | 'completed' | 'closed' | 'refunding' | 'refunded';
export type ShipmentStatus = 'dispatched' | 'in-transit' | 'out-for-delivery' | 'delivered' | 'returned';

export interface Session {
  token: string;
  expiresAt: string;
  joined: boolean;
}
export interface ConsentText {
  purpose: Purpose;
  channel: ConsentChannel;
  version: string;
  text: string;
}
export interface Texts {
  privacy: { version: string; text: string };
  consents: ConsentText[];
  notices: Array<{ scene: string; templateId: string }>;
}
export interface JoinRequest {
  privacyVersion: string;
  age: AgeBand;
  guardianConsent?: boolean;
  consents: Array<Omit<ConsentText, 'text'>>;
  phoneCode?: string;
  page?: string;
}
export interface Level {
  code: string;
  title: string;
  vip: boolean;
  growth: number;
  since: string | null;
  validUntil: string | null;
  next: { code: string; title: string; growth: number; missing: number } | null;
  benefits: string[];
}
export interface Points {
  available: number;
  pending: number;
  debt: number;
  spendable: number;
  frozenUntil: string | null;
  expiring: Array<{ amount: number; at: string }>;
}
export interface CounterCard {
  code: string;
  picture: string;
  expiresAt: string;
}
export interface Privacy {
  personalisation: boolean;
  promotion: boolean;
  care: boolean;
  minor: boolean;
}
export interface Me {
  joined: boolean;
  name: string | null;
  phone: string | null;
  gender: Gender | null;
  birthday: string | null;
  province: string | null;
  city: string | null;
  level: Level;
  points: Points;
  vouchers: number;
  card: CounterCard | null;
  checkin: { today: boolean; points: number; days: number };
  privacy: Privacy;
}
export interface Entry {
  id: string;
  at: string;
  kind: string;
  amount: number;
  pending: boolean;
  title: string;
  orderNo: string | null;
  expiresAt: string | null;
}
export interface Voucher {
  code: string;
  title: string;
  amountOff: number;
  threshold: number;
  state: VoucherState;
  grantedAt: string;
  expiresAt: string;
  usedAt: string | null;
}
export interface Offer {
  couponId: string;
  title: string;
  amountOff: number;
  threshold: number;
  validDays: number;
  refusal: string | null;
}
export interface Order {
  id: string;
  source: string;
  orderNo: string;
  status: OrderStatus;
  placedAt: string;
  paid: number;
  refunded: number;
  items: Array<{ name: string; quantity: number; price: number }>;
  shipments: Array<{ carrier: string; trackingNo: string; status: ShipmentStatus; at: string }>;
  points: { amount: number; pending: boolean; availableAt: string | null } | null;
}
export interface LevelStep {
  code: string;
  title: string;
  growth: number;
  benefits: string[];
}
export interface Message {
  id: string;
  at: string;
  title: string;
  text: string;
  page: string | null;
  purpose?: 'contract' | 'care' | 'promotion' | undefined;
  unread?: boolean | undefined;
}
export interface CheckedIn {
  points: number;
  days: number;
  repeated: boolean;
}
export interface ProfileChange {
  name?: string;
  gender?: Gender;
  birthday?: string;
  province?: string;
  city?: string;
}
export interface PrivacyChange {
  purpose: Purpose;
  channel: ConsentChannel;
  given: boolean;
  version: string;
  page?: string;
}
export interface NoticesReport {
  reportId: string;
  answers: Array<{ templateId: string; answer: string }>;
}

/** One page of a list; no cursor: it was the last. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
