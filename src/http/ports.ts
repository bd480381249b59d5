/**
 * What the HTTP layer asks of the product. `app.ts` fills it; routes know nothing else.
 * Every function throws `RequestProblem` for an expected refusal (404, 409 …), with a public message.
 */
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { ImportDetail, ImportKind, ImportMapping, ImportView, StartImport } from '../contracts/http/imports.js';
import type * as c from '../contracts/index.js';
import type { ApiKeys } from '../domain/staff/index.js';
import type { PeoplePorts } from './ports-people.js';

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

/** The staff member who asks, as proved by session or token. */
export interface Actor {
  staffId: string;
  name: string;
  role: c.StaffRole;
  requestId: string;
}

/** The shop system that asks, as proved by its signature. A report from a source it may not report for never comes as far as a port. */
export interface ShopSystem {
  keyId: string;
  name: string;
  /** Phones in its reports count as verified at the report's `updatedAt`. */
  verifiesPhones: boolean;
  requestId: string;
}

/** The person who asks, as proved by the token of the mini-program. `address`: their openid there. */
export interface MemberActor {
  customerId: string;
  address: c.Address;
  requestId: string;
}

type Message = c.ChatMessage;
type Conversation = c.Conversation;

export interface InboxPort {
  list(query: z.infer<typeof c.ConversationsQuery>, by: Actor): Promise<Page<c.ConversationSummary>>;
  counts(by: Actor): Promise<z.infer<typeof c.BoxCounts>>;
  get(id: string, by: Actor): Promise<Conversation>;
  messages(id: string, page: PageRequest): Promise<Page<Message>>;
  /** 409 conversation.alreadyClaimed when somebody else holds it. */
  claim(id: string, by: Actor): Promise<Conversation>;
  release(id: string, by: Actor): Promise<Conversation>;
  close(id: string, by: Actor): Promise<Conversation>;
  read(id: string, by: Actor): Promise<Conversation>;
  assign(id: string, staffId: string, by: Actor): Promise<Conversation>;
  /** 409 window.closed when nothing may be sent now, content.notForRoute when its kind never can be here, conversation.notYours when another agent holds it. */
  reply(id: string, body: c.ReplyBody, by: Actor): Promise<Message>;
  note(id: string, body: z.infer<typeof c.NoteBody>, by: Actor): Promise<Message>;
  followUp(id: string, body: z.infer<typeof c.FollowUpBody>, by: Actor): Promise<Conversation>;
}

export interface CustomersPort {
  list(query: z.infer<typeof c.CustomersQuery>): Promise<Page<z.infer<typeof c.CustomerSummary>>>;
  get(id: string): Promise<c.Customer>;
  change(id: string, body: z.infer<typeof c.ChangeCustomer>, by: Actor): Promise<c.Customer>;
  timeline(id: string, page: PageRequest): Promise<Page<c.TimelineEntry>>;
}

export interface StrategiesPort {
  list(): Promise<Page<c.StrategyView>>;
  put(code: string, body: z.infer<typeof c.PutStrategy>, by: Actor): Promise<c.StrategyView>;
  library(): Promise<z.infer<typeof c.Library>>;
  /** Triggers, actions and metrics, as forms are drawn from them. */
  rules(): Promise<z.infer<typeof c.RulesView>>;
  /** 404 strategy.notFound */
  outcomes(code: string): Promise<z.infer<typeof c.StrategyOutcomes>>;
  /** Begins in the background. 400 where the strategy could not be put. */
  rehearse(body: z.output<typeof c.RehearseBody>, by: Actor): Promise<c.Rehearsal>;
  /** 404 rehearsal.notFound */
  rehearsal(id: string): Promise<c.Rehearsal>;
}

type BroadcastView = c.BroadcastView;
type ForecastProgress = z.infer<typeof c.ForecastProgress>;
type Reason = z.infer<typeof c.ReasonBody>;

/** Every step is refused with 409 `broadcast.…` where it cannot be taken now; 404 broadcast.notFound. */
export interface BroadcastsPort {
  list(query: z.output<typeof c.BroadcastsQuery>): Promise<Page<z.infer<typeof c.BroadcastSummary>>>;
  get(id: string): Promise<BroadcastView>;
  /** 400 with every wrong field: rule, words, routes, coupon. */
  add(body: c.BroadcastDraft, by: Actor): Promise<BroadcastView>;
  put(id: string, body: c.BroadcastDraft, by: Actor): Promise<BroadcastView>;
  /** Counts in the background; what it finds lands on the broadcast. */
  startForecast(id: string, by: Actor): Promise<ForecastProgress>;
  /** 404 forecast.notFound when nobody asked for one of this revision. */
  forecast(id: string): Promise<ForecastProgress>;
  /** 404 customer.notFound */
  preview(id: string, body: z.infer<typeof c.PreviewBody>): Promise<z.infer<typeof c.Preview>>;
  /** 404 address.notFound when nobody is known there; 409 address.unreachable when they cannot be written to. */
  test(id: string, body: z.infer<typeof c.TestSend>, by: Actor): Promise<BroadcastView>;
  submit(id: string, by: Actor): Promise<BroadcastView>;
  approve(id: string, body: z.infer<typeof c.ApproveBody>, by: Actor): Promise<BroadcastView>;
  reject(id: string, body: Reason, by: Actor): Promise<BroadcastView>;
  start(id: string, by: Actor): Promise<BroadcastView>;
  pause(id: string, body: Reason, by: Actor): Promise<BroadcastView>;
  /** 403 permission.denied without broadcasts.approve where its audience has outgrown what was approved. */
  resume(id: string, by: Actor): Promise<BroadcastView>;
  cancel(id: string, body: Reason, by: Actor): Promise<BroadcastView>;
  copy(id: string, body: z.infer<typeof c.CopyBody>, by: Actor): Promise<BroadcastView>;
  summary(id: string, body: z.infer<typeof c.SummaryBody>, by: Actor): Promise<BroadcastView>;
  results(id: string): Promise<c.BroadcastResults>;
  /** 400 request.badCursor */
  audience(id: string, query: z.output<typeof c.AudienceQuery>): Promise<Page<z.infer<typeof c.AudiencePerson>>>;
}

export interface PlansPort {
  /** Changed last first. */
  list(page: PageRequest): Promise<Page<c.PlanView>>;
  add(body: z.output<typeof c.PutPlan>, by: Actor): Promise<c.PlanView>;
  /** 404 plan.notFound */
  put(id: string, body: z.output<typeof c.PutPlan>, by: Actor): Promise<c.PlanView>;
  /** At most 100 days. */
  calendar(query: z.infer<typeof c.CalendarQuery>): Promise<z.infer<typeof c.Calendar>>;
}

type PromotionSwitch = z.infer<typeof c.PromotionSwitch>;
type PersonReach = z.infer<typeof c.PersonReach>;

export interface ContactPort {
  policy(): Promise<z.infer<typeof c.ContactPolicy>>;
  promotionStopped(): Promise<boolean>;
  /** No promotion leaves within ten seconds; again it changes nothing. */
  stop(body: Reason, by: Actor): Promise<PromotionSwitch>;
  resume(body: Reason, by: Actor): Promise<PromotionSwitch>;
  /** 404 customer.notFound */
  reach(customerId: string): Promise<PersonReach>;
  placeHold(customerId: string, body: z.infer<typeof c.PlaceHold>, by: Actor): Promise<PersonReach>;
  /** At once. 404 customer.notFound, hold.notFound */
  liftHold(customerId: string, hold: z.infer<typeof c.HoldName>, by: Actor): Promise<PersonReach>;
}

export interface ScenesPort {
  list(page: PageRequest): Promise<Page<z.infer<typeof c.SceneView>>>;
  add(body: z.infer<typeof c.AddScene>, by: Actor): Promise<z.infer<typeof c.SceneView>>;
  /** The code's picture, fetched from the platform and kept in the media store. */
  image(id: string): Promise<{ bytes: Buffer; mimeType: string }>;
}

export interface MediaLibraryPort {
  add(bytes: Buffer, mimeType: string, by: Actor): Promise<z.infer<typeof c.UploadedMedia>>;
  read(id: string): Promise<{ bytes: Buffer; mimeType: string }>;
}

export interface LivePort {
  /** Calls `onEvent` for every event stored after `lastEventId` (or from now), in order, without doubles, until the returned function is called. */
  subscribe(lastEventId: string | undefined, onEvent: (event: c.StreamEvent) => void): () => void;
}

export interface HealthPort {
  /** Which part is not ready, or none. */
  ready(): Promise<Array<{ part: string; reason: string }>>;
  metrics(): Promise<{ contentType: string; body: string }>;
}

export interface WebhookPort {
  /** Undefined when there is no such channel or account. */
  handle(channel: string, request: c.WebhookRequest): Promise<c.WebhookResponse> | undefined;
}

/**
 * What shop systems ask. Every write may come twice (retries, batches sent again) and must then change nothing and answer
 * `repeated: true`. Lines of a batch come as single calls, several at a time.
 */
export interface OpenPort {
  order(input: c.OrderInput, by: ShopSystem): Promise<c.OpenReceipt>;
  event(input: c.BehaviourInput, by: ShopSystem): Promise<c.OpenReceipt>;
  customer(input: c.CustomerInput, by: ShopSystem): Promise<c.OpenReceipt>;
  /** The receipt's id is the sku. */
  product(input: c.ProductInput, by: ShopSystem): Promise<c.OpenReceipt>;
  /** 404 customer.notFound. */
  lookup(body: c.LookupBody, by: ShopSystem): Promise<c.OpenCustomer>;
  spend(body: c.SpendBody, by: ShopSystem): Promise<c.Spent>;
  redeem(code: string, body: c.RedeemBody, by: ShopSystem): Promise<c.OpenReceipt>;
  release(code: string, body: c.ReleaseBody, by: ShopSystem): Promise<c.OpenReceipt>;
}

/** What the mini-program asks. */
export interface MemberPort {
  /** Who holds the token, or undefined when it is unknown or has ended. Asked at every request. */
  who(token: string): Promise<Omit<MemberActor, 'requestId'> | undefined>;
  login(body: c.MemberLogin, requestId: string): Promise<c.MemberSession>;
  texts(): Promise<c.MemberTexts>;
  logout(by: MemberActor): Promise<void>;
  me(by: MemberActor): Promise<c.MemberMe>;
  changeMe(body: c.ChangeMe, by: MemberActor): Promise<c.MemberMe>;
  join(body: c.JoinBody, by: MemberActor): Promise<c.MemberMe>;
  phone(body: c.PhoneBody, by: MemberActor): Promise<c.MemberMe>;
  privacy(body: c.PrivacyBody, by: MemberActor): Promise<c.MemberMe>;
  notices(body: c.NoticesBody, by: MemberActor): Promise<c.NoticesTaken>;
  /** The statement, newest first. */
  points(page: PageRequest, by: MemberActor): Promise<Page<c.MemberEntry>>;
  vouchers(page: PageRequest, by: MemberActor): Promise<Page<c.MemberVoucher>>;
  levels(by: MemberActor): Promise<c.MemberLevels>;
  offers(by: MemberActor): Promise<Page<c.MemberOffer>>;
  claim(body: c.ClaimBody, by: MemberActor): Promise<c.MemberVoucher>;
  checkin(by: MemberActor): Promise<c.CheckedIn>;
  orders(page: PageRequest, by: MemberActor): Promise<Page<c.MemberOrder>>;
  messages(page: PageRequest, by: MemberActor): Promise<Page<c.MemberMessage>>;
  messagesRead(body: c.MessagesReadBody, by: MemberActor): Promise<void>;
}

type PointsView = z.infer<typeof c.PointsView>;
type VoucherView = z.infer<typeof c.VoucherView>;
type CouponView = z.input<typeof c.CouponView>;
type ProgrammeView = z.infer<typeof c.ProgrammeView>;
type SenderView = z.infer<typeof c.SenderView>;
type LinkView = z.infer<typeof c.LinkView>;
type LinkProposal = z.infer<typeof c.LinkProposal>;

export interface PersonsPort {
  /** With the limits of the asker's role. */
  get(customerId: string, by: Actor): Promise<c.PersonView>;
  changeProfile(customerId: string, body: z.output<typeof c.ChangeProfile>, by: Actor): Promise<c.PersonView>;
  /** Every giving and withdrawing, oldest first. */
  consents(customerId: string): Promise<Page<z.infer<typeof c.ConsentEvidence>>>;
  /** 409 link.sameRecord, link.exists. */
  link(customerId: string, body: z.infer<typeof c.LinkBody>, by: Actor): Promise<c.PersonView>;
  undoLink(linkId: string, body: z.infer<typeof c.UnlinkBody>, by: Actor): Promise<LinkView>;
  /** Those to be decided, newest first. */
  proposals(page: PageRequest): Promise<Page<LinkProposal>>;
  decide(proposalId: string, body: z.infer<typeof c.DecideBody>, by: Actor): Promise<void>;
}

/** Writes are refused with 403 limit.points above what the asker's role may move at once. */
export interface PointsPort {
  get(customerId: string, query: z.infer<typeof c.PointsQuery>): Promise<PointsView>;
  /** Newest first. */
  statement(customerId: string, page: PageRequest): Promise<Page<z.infer<typeof c.PointsEntry>>>;
  adjust(customerId: string, body: z.infer<typeof c.AdjustBody>, by: Actor): Promise<PointsView>;
}

/** Writes are refused with 403 limit.voucher for a voucher worth more than the asker's role may move. */
export interface VouchersPort {
  list(customerId: string, page: PageRequest): Promise<Page<VoucherView>>;
  grant(customerId: string, body: z.infer<typeof c.GrantBody>, by: Actor): Promise<VoucherView>;
  revoke(voucherId: string, body: z.infer<typeof c.RevokeBody>, by: Actor): Promise<VoucherView>;
}

export interface OrdersPort {
  list(query: z.infer<typeof c.OrdersQuery>): Promise<Page<c.OrderView>>;
  ofCustomer(customerId: string, page: PageRequest): Promise<Page<c.OrderView>>;
  get(id: string): Promise<c.OrderView>;
}

export interface ProgrammePort {
  get(): Promise<ProgrammeView>;
  /** The next version, which holds from now on. */
  put(rules: c.ProgrammeRules, by: Actor): Promise<ProgrammeView>;
}

export interface CouponsPort {
  list(page: PageRequest): Promise<Page<CouponView>>;
  add(rules: c.CouponRules, by: Actor): Promise<CouponView>;
  put(id: string, rules: c.CouponRules, by: Actor): Promise<CouponView>;
}

export interface SendersPort {
  list(): Promise<Page<SenderView>>;
  choose(scene: c.ServiceScene, body: z.infer<typeof c.ChooseSender>, by: Actor): Promise<SenderView>;
}

/** `import.…` and `file.…` refusals; see the service of imports. */
export interface ImportsPort {
  list(page: PageRequest): Promise<Page<ImportView>>;
  /** `path`: where the file was received; it is copied. */
  upload(file: { kind: ImportKind; fileName: string; path: string }, by: Actor): Promise<ImportDetail>;
  get(id: string): Promise<ImportDetail>;
  putMapping(id: string, mapping: ImportMapping): Promise<ImportDetail>;
  /** Begins in the background. */
  start(id: string, body: z.output<typeof StartImport>, by: Actor): Promise<ImportView>;
  cancel(id: string): Promise<ImportView>;
  /** The refused rows as CSV. */
  errors(id: string): Promise<{ fileName: string; content: string | Readable }>;
}

/** What the console asks about people, their membership and the programme. */
export interface MembershipPorts {
  persons: PersonsPort;
  points: PointsPort;
  vouchers: VouchersPort;
  orders: OrdersPort;
  programme: ProgrammePort;
  coupons: CouponsPort;
  senders: SendersPort;
  imports: ImportsPort;
}

export interface HttpPorts extends MembershipPorts, PeoplePorts {
  /** Business time. */
  now(): Date;
  /** Keys of shop systems, their used nonces and remembered answers: `createApiKeys` of the staff module. */
  apiKeys: ApiKeys;
  open: OpenPort;
  member: MemberPort;
  inbox: InboxPort;
  customers: CustomersPort;
  strategies: StrategiesPort;
  broadcasts: BroadcastsPort;
  plans: PlansPort;
  contact: ContactPort;
  scenes: ScenesPort;
  media: MediaLibraryPort;
  live: LivePort;
  health: HealthPort;
  webhooks: WebhookPort;
  channels(): Promise<Array<z.infer<typeof c.ChannelAccountView>>>;
}
