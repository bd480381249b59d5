/** In-memory ports: plain objects that answer with valid data, refuse where a test wants it, and remember their calls. */
import type { StreamEvent, WebhookRequest, WebhookResponse } from '../../src/contracts/index.js';
import { RequestProblem } from '../../src/errors.js';
import type { HttpPorts, MemberActor, OpenPort } from '../../src/http/ports.js';
import { fakeCampaigns, fakeStrategyScreens } from './fakes-campaigns.js';
import { fakeMembership } from './fakes-console.js';
import { fakeMember, fakeOpen } from './fakes-open.js';
import { fakePeople } from './fakes-people.js';

export const ID = 'a'.repeat(24);
export const MEDIA_ID = 'b'.repeat(64);
export const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const at = '2026-03-01T02:00:00.000Z';

const summary = {
  id: ID,
  customerId: ID,
  customerName: '小林',
  channel: 'official-account',
  account: 'shop',
  status: 'open' as const,
  assignee: null,
  unread: 1,
  waitingSince: at,
  lastMessageAt: at,
  preview: '在吗',
  followUp: 'none' as const,
  following: true,
};
const conversation = {
  ...summary,
  window: { open: true, left: 4, endsAt: at },
  metered: true,
  epoch: 1,
  replyKinds: ['text' as const],
};
const message = {
  id: ID,
  conversationId: ID,
  direction: 'out' as const,
  author: { kind: 'staff' as const, id: ID, name: 'Lin' },
  content: { type: 'text' as const, text: '你好' },
  at,
  state: 'pending' as const,
  reason: null,
  route: null,
  receipt: null,
};
const customer = {
  id: ID,
  name: '小林',
  nickname: '小林',
  remark: null,
  createdAt: at,
  lastSeenAt: at,
  followUp: 'none' as const,
  followUpNote: null,
  identities: [],
  conversationIds: [ID],
};
const strategy = {
  code: 'welcome',
  version: 1,
  enabled: true,
  title: { 'zh-CN': '欢迎', en: 'Welcome' },
  metric: 'follows',
  group: 'service',
  priority: 10,
  trigger: { code: 'follow', args: {} },
  actions: [{ code: 'reply', args: { text: '欢迎' } }],
  changedAt: at,
};
const scene = {
  id: ID,
  account: 'shop',
  scene: 'door',
  name: '门店',
  follows: 1,
  scans: 0,
  imageUrl: '/x',
  createdAt: at,
};
export const streamEvent: StreamEvent = {
  id: 'e1',
  kind: 'message.received',
  at,
  customerId: ID,
  conversationId: ID,
  data: {},
};

export interface Fakes {
  ports: HttpPorts;
  calls: string[];
  /** What the next call of a name does instead of answering. */
  refuse: Map<string, RequestProblem | Error>;
  emit(event: StreamEvent): void;
  subscribers(): number;
  lastEventIds: Array<string | undefined>;
  webhook: { handle: (channel: string, request: WebhookRequest) => Promise<WebhookResponse> | undefined };
  notReady: Array<{ part: string; reason: string }>;
  /** What the ports of shop systems were given, in order. */
  reported: Array<{ name: keyof OpenPort; given: unknown[] }>;
  /** Who holds a token of the mini-program. */
  tokens: Map<string, Omit<MemberActor, 'requestId'>>;
  /** Runs before a port of shop systems answers, so that a test can make it slow. */
  during: { open: (name: keyof OpenPort, given: unknown[]) => Promise<void> };
}

export type Answer = <T>(name: string, value: T) => Promise<T>;

export function fakes(): Fakes {
  const calls: string[] = [];
  const refuse = new Map<string, RequestProblem | Error>();
  const listeners = new Set<(event: StreamEvent) => void>();
  const lastEventIds: Array<string | undefined> = [];
  const webhook: Fakes['webhook'] = { handle: () => undefined };
  const notReady: Fakes['notReady'] = [];
  const reported: Fakes['reported'] = [];
  const tokens: Fakes['tokens'] = new Map();
  const during: Fakes['during'] = { open: async () => undefined };
  const answer: Answer = async (name, value) => {
    calls.push(name);
    const refusal = refuse.get(name);
    if (refusal) throw refusal;
    return value;
  };
  const one = <T>(item: T) => ({ items: [item], nextCursor: null });
  const ports: HttpPorts = {
    now: () => new Date(),
    // The real thing takes its place wherever there is a database.
    apiKeys: {} as HttpPorts['apiKeys'],
    open: fakeOpen(answer, async (name, given) => {
      reported.push({ name, given });
      await during.open(name, given);
    }),
    member: fakeMember(answer, tokens),
    inbox: {
      // The extra field must not leave: answers pass through their schema.
      list: () => answer('inbox.list', one({ ...summary, secretNote: 'not for browsers' })),
      counts: () => answer('inbox.counts', { unassigned: 1, mine: 0, others: 0, waiting: 1 }),
      get: () => answer('inbox.get', conversation),
      messages: () => answer('inbox.messages', one(message)),
      claim: () => answer('inbox.claim', conversation),
      release: () => answer('inbox.release', conversation),
      close: () => answer('inbox.close', conversation),
      read: () => answer('inbox.read', conversation),
      assign: () => answer('inbox.assign', conversation),
      reply: () => answer('inbox.reply', message),
      note: () => answer('inbox.note', message),
      followUp: () => answer('inbox.followUp', conversation),
    },
    customers: {
      list: () => answer('customers.list', one({ ...customer, following: true, channel: 'official-account' })),
      get: () => answer('customers.get', customer),
      change: () => answer('customers.change', customer),
      timeline: () =>
        answer('customers.timeline', one({ id: ID, kind: 'customer.followed', at, conversationId: null, data: {} })),
    },
    ...fakeMembership(answer),
    ...fakePeople(answer),
    ...fakeCampaigns(answer),
    strategies: {
      list: () => answer('strategies.list', one(strategy)),
      put: () => answer('strategies.put', strategy),
      ...fakeStrategyScreens(answer),
    },
    scenes: {
      list: () => answer('scenes.list', one(scene)),
      add: () => answer('scenes.add', scene),
      image: () => answer('scenes.image', { bytes: PNG, mimeType: 'image/png' }),
    },
    media: {
      add: (bytes, mimeType) => answer('media.add', { mediaId: MEDIA_ID, mimeType, bytes: bytes.length }),
      read: (id) => answer('media.read', { bytes: PNG, mimeType: id.startsWith('b') ? 'image/png' : 'text/html' }),
    },
    live: {
      subscribe: (lastEventId, onEvent) => {
        lastEventIds.push(lastEventId);
        listeners.add(onEvent);
        return () => void listeners.delete(onEvent);
      },
    },
    health: {
      ready: async () => notReady,
      metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'huike_up 1\n' }),
    },
    webhooks: { handle: (channel, request) => webhook.handle(channel, request) },
    channels: () =>
      Promise.resolve([
        { channel: 'official-account', account: 'shop', state: 'ok', reason: null, webhookUrl: null, bot: null },
      ]),
  };
  const emit = (event: StreamEvent): void => listeners.forEach((listener) => listener(event));
  const heard = { emit, subscribers: () => listeners.size, lastEventIds };
  return { ports, calls, refuse, ...heard, webhook, notReady, reported, tokens, during };
}
