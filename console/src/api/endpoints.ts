/** Every route the console calls, one line each. */
import { call } from './client';
import { importsApi } from './imports';
import { marketingApi } from './marketing';
import { membershipApi } from './membership';
import { segmentsApi } from './segments';
import type * as t from './types';

type Paging = { limit?: number; cursor?: string | null };
type Search = Paging & { search?: string };
const part = encodeURIComponent;

export const api = {
  ...membershipApi,
  ...importsApi,
  ...marketingApi,
  ...segmentsApi,

  session: () => call<t.Session>('GET', 'session'),
  signIn: (body: t.SignIn) => call<t.Session>('POST', 'session', { body }),
  signOut: () => call<void>('DELETE', 'session'),
  captcha: () => call<t.Captcha>('GET', 'captcha'),
  changePassword: (body: t.ChangePassword) => call<void>('POST', 'password', { body }),
  tokens: () => call<t.Page<t.AccessToken>>('GET', 'tokens'),
  addToken: (body: t.AddAccessToken) => call<t.NewAccessToken>('POST', 'tokens', { body }),
  removeToken: (id: string) => call<void>('DELETE', `tokens/${part(id)}`),

  conversations: (query: Search & { box: t.Box }) =>
    call<t.Page<t.ConversationSummary>>('GET', 'conversations', { query }),
  counts: () => call<t.BoxCounts>('GET', 'conversations/counts'),
  conversation: (id: string) => call<t.Conversation>('GET', `conversations/${part(id)}`),
  messages: (id: string, query: Paging) =>
    call<t.Page<t.ChatMessage>>('GET', `conversations/${part(id)}/messages`, { query }),
  /** The four steps without a body. */
  act: (id: string, step: 'claim' | 'release' | 'close' | 'read') =>
    call<t.Conversation>('POST', `conversations/${part(id)}/${step}`, { body: {} }),
  assign: (id: string, staffId: string) =>
    call<t.Conversation>('POST', `conversations/${part(id)}/assign`, { body: { staffId } }),
  reply: (id: string, body: t.ReplyBody) => call<t.ChatMessage>('POST', `conversations/${part(id)}/replies`, { body }),
  note: (id: string, body: { clientId: string; text: string }) =>
    call<t.ChatMessage>('POST', `conversations/${part(id)}/notes`, { body }),
  followUp: (id: string, body: t.FollowUpBody) =>
    call<t.Conversation>('POST', `conversations/${part(id)}/follow-up`, { body }),
  upload: (file: Blob, name: string) => {
    const body = new FormData();
    body.append('file', file, name);
    return call<t.UploadedMedia>('POST', 'media', { body });
  },
  uploadFile: (file: Blob, name: string) => {
    const body = new FormData();
    body.append('file', file, name);
    return call<t.UploadedMedia>('POST', 'media/files', { body });
  },

  customers: (query: Search) => call<t.Page<t.CustomerSummary>>('GET', 'customers', { query }),
  customer: (id: string) => call<t.Customer>('GET', `customers/${part(id)}`),
  changeCustomer: (id: string, body: { remark: string | null }) =>
    call<t.Customer>('PATCH', `customers/${part(id)}`, { body }),
  timeline: (id: string, query: Paging) =>
    call<t.Page<t.TimelineEntry>>('GET', `customers/${part(id)}/timeline`, { query }),

  strategies: () => call<t.Page<t.StrategyView>>('GET', 'strategies'),
  putStrategy: (code: string, body: t.PutStrategy) => call<t.StrategyView>('PUT', `strategies/${part(code)}`, { body }),
  scenes: (query: Paging) => call<t.Page<t.Scene>>('GET', 'scenes', { query }),
  addScene: (body: t.AddScene) => call<t.Scene>('POST', 'scenes', { body }),
  channels: () => call<t.Page<t.ChannelAccount>>('GET', 'channels'),

  staff: (query: Paging = {}) => call<t.Page<t.Staff>>('GET', 'staff', { query }),
  addStaff: (body: t.AddStaff) => call<t.Staff>('POST', 'staff', { body }),
  changeStaff: (id: string, body: t.ChangeStaff) => call<t.Staff>('PATCH', `staff/${part(id)}`, { body }),
  resetPassword: (id: string, password: string) =>
    call<void>('POST', `staff/${part(id)}/password`, { body: { password } }),
  keys: () => call<t.Page<t.ApiKey>>('GET', 'keys'),
  addKey: (body: t.AddApiKey) => call<t.NewApiKey>('POST', 'keys', { body }),
  revokeKey: (id: string) => call<void>('DELETE', `keys/${part(id)}`),
  audit: (query: Paging) => call<t.Page<t.AuditEntry>>('GET', 'audit', { query }),
};

export const mediaUrl = (id: string): string => `/console/v1/media/${part(id)}`;
/** A download under this name, never a page of its own. */
export const fileUrl = (id: string, name: string): string => `${mediaUrl(id)}?name=${part(name)}`;
export const sceneImageUrl = (id: string): string => `/console/v1/scenes/${part(id)}/image`;
