/** The shapes of /console/v1, taken from the product's contracts. Types only: nothing of the server reaches the browser. */
import type * as c from '../../../src/contracts/http/console.js';
import type { z } from 'zod';

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

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
