/** The shapes of /console/v1, taken from the product's contracts. Types only: nothing of the server reaches the browser. */
import type * as c from '../../../src/contracts/http/console.js';
import type * as i from '../../../src/contracts/http/imports.js';
import type * as m from '../../../src/contracts/http/console-membership.js';
import type * as o from '../../../src/contracts/http/open.js';
import type { z } from 'zod';

export type * from './marketing-types.js';
export type * from './segment-types.js';

export type { Content, MediaRef } from '../../../src/contracts/content.js';
export type { FieldProblem, Problem } from '../../../src/contracts/http/problem.js';
export type {
  ChatMessage,
  Conversation,
  ConversationSummary,
  Customer,
  FollowUp,
  Permission,
  ReplyBody,
  Session,
  SignIn,
  Staff,
  StaffRole,
  StrategyView,
  StreamEvent,
  TimelineEntry,
  Window,
} from '../../../src/contracts/http/console.js';

export type AccessToken = z.infer<typeof c.AccessToken>;
export type AddAccessToken = z.infer<typeof c.AddAccessToken>;
export type AddScene = z.infer<typeof c.AddScene>;
export type AddStaff = z.infer<typeof c.AddStaff>;
export type AuditEntry = z.infer<typeof c.AuditEntry>;
export type Box = (typeof c.boxes)[number];
export type BoxCounts = z.infer<typeof c.BoxCounts>;
export type Captcha = z.infer<typeof c.Captcha>;
export type ChangePassword = z.infer<typeof c.ChangePassword>;
export type ChangeStaff = z.infer<typeof c.ChangeStaff>;
export type ChannelAccount = z.infer<typeof c.ChannelAccountView>;
export type CustomerSummary = z.infer<typeof c.CustomerSummary>;
export type FollowUpBody = z.infer<typeof c.FollowUpBody>;
export type Identity = z.infer<typeof c.Identity>;
export type NewAccessToken = z.infer<typeof c.NewAccessToken>;
export type PutStrategy = z.infer<typeof c.PutStrategy>;
export type Scene = z.infer<typeof c.SceneView>;
export type TriggerCode = (typeof c.triggerCodes)[number];
export type UploadedMedia = z.infer<typeof c.UploadedMedia>;

export type { CouponRules, LevelRule, ProgrammeRules, VoucherState } from '../../../src/contracts/membership.js';
export type { OrderStatus, Profile } from '../../../src/contracts/commerce.js';
export type { Sender, ServiceScene } from '../../../src/contracts/strategy.js';
export type { OrderView, PersonView } from '../../../src/contracts/http/console-membership.js';
export type {
  ImportColumn,
  ImportCounts,
  ImportDetail,
  ImportEncoding,
  ImportFormat,
  ImportKind,
  ImportMode,
  ImportState,
  ImportView,
} from '../../../src/contracts/http/imports.js';
/** As it goes to the server: what has a usual value may be left out. */
export type ImportMapping = z.input<typeof i.ImportMapping>;

export type PersonProfile = z.infer<typeof m.PersonProfile>;
export type PersonPoints = z.infer<typeof m.PersonPoints>;
export type PersonLevel = z.infer<typeof m.PersonLevel>;
export type ConsentState = z.infer<typeof m.ConsentState>;
export type ConsentEvidence = z.infer<typeof m.ConsentEvidence>;
export type LinkView = z.infer<typeof m.LinkView>;
export type LinkProposal = z.infer<typeof m.LinkProposal>;
export type ChangeProfile = z.input<typeof m.ChangeProfile>;
export type PointsLot = z.infer<typeof m.PointsLot>;
export type PointsEntry = z.infer<typeof m.PointsEntry>;
export type PointsView = z.infer<typeof m.PointsView>;
export type AdjustBody = z.infer<typeof m.AdjustBody>;
export type GrantBody = z.infer<typeof m.GrantBody>;
export type VoucherView = z.infer<typeof m.VoucherView>;
export type ProgrammeView = z.infer<typeof m.ProgrammeView>;
export type CouponView = z.infer<typeof m.CouponView>;
export type PutCoupon = z.input<typeof m.PutCoupon>;
export type SenderView = z.infer<typeof m.SenderView>;
export type ApiKey = z.output<typeof o.ApiKey>;
export type NewApiKey = z.output<typeof o.NewApiKey>;
export type AddApiKey = z.input<typeof o.AddApiKey>;

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
