/**
 * What the HTTP layer asks of the product. `app.ts` fills it; routes know nothing else.
 * Every function throws `RequestProblem` for an expected refusal (404, 409 …), with a public message.
 */
import type { z } from 'zod';
import type * as c from '../contracts/index.js';

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
  /** 409 window.closed when no route can carry it; 409 conversation.notYours when another agent holds it. */
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

export interface HttpPorts {
  /** Business time. */
  now(): Date;
  inbox: InboxPort;
  customers: CustomersPort;
  strategies: StrategiesPort;
  scenes: ScenesPort;
  media: MediaLibraryPort;
  live: LivePort;
  health: HealthPort;
  webhooks: WebhookPort;
  channels(): Array<z.infer<typeof c.ChannelAccountView>>;
}
