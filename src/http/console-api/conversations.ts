/** The inbox: lists, one conversation, and what staff do with it. */
import {
  AssignBody,
  BoxCounts,
  ChatMessage,
  Conversation,
  ConversationSummary,
  ConversationsQuery,
  FollowUpBody,
  NoteBody,
  PageQuery,
  ReplyBody,
  page,
} from '../../contracts/index.js';
import type { Actor, InboxPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const read = { permission: 'inbox.read' } as const;
const reply = { permission: 'inbox.reply' } as const;
const base = '/console/v1/conversations';

export function conversationRoutes(inbox: InboxPort): Route[] {
  return [...reading(inbox), ...handling(inbox), ...writing(inbox)];
}

function reading(inbox: InboxPort): Route[] {
  return [
    route({
      method: 'GET',
      path: base,
      access: read,
      limit: 'console',
      summary: 'Conversations of a box, those waiting longest or spoken in last first',
      query: ConversationsQuery,
      response: json(page(ConversationSummary)),
      handle: async ({ query, by }) => inbox.list(query, by),
    }),
    route({
      method: 'GET',
      path: `${base}/counts`,
      access: read,
      limit: 'console',
      summary: 'How many conversations are in each box',
      response: json(BoxCounts),
      handle: async ({ by }) => inbox.counts(by),
    }),
    route({
      method: 'GET',
      path: `${base}/:id`,
      access: read,
      limit: 'console',
      summary: 'One conversation with its window: whether and how often one may still write',
      params: ById,
      response: json(Conversation),
      refusals: ['conversation.notFound'],
      handle: async ({ params, by }) => inbox.get(params.id, by),
    }),
    route({
      method: 'GET',
      path: `${base}/:id/messages`,
      access: read,
      limit: 'console',
      summary: 'Messages, newest first; the cursor goes back in time',
      params: ById,
      query: PageQuery,
      response: json(page(ChatMessage)),
      refusals: ['conversation.notFound'],
      handle: async ({ params, query }) => inbox.messages(params.id, query),
    }),
  ];
}

/** The four that take no body and answer with the conversation. */
function handling(inbox: InboxPort): Route[] {
  const act = (
    verb: 'claim' | 'release' | 'close' | 'read',
    { summary, refusals, access }: { summary: string; refusals: string[]; access: typeof read | typeof reply },
  ): Route =>
    route({
      method: 'POST',
      path: `${base}/:id/${verb}`,
      access,
      limit: 'console',
      audit: `conversation.${verb}`,
      summary,
      params: ById,
      response: json(Conversation),
      refusals: ['conversation.notFound', ...refusals],
      handle: async ({ params, by }: { params: { id: string }; by: Actor }) => inbox[verb](params.id, by),
    });
  return [
    act('claim', {
      summary: 'Take the conversation',
      refusals: ['conversation.alreadyClaimed', 'conversation.closed'],
      access: reply,
    }),
    act('release', {
      summary: 'Give it back to all',
      refusals: ['conversation.notYours', 'conversation.closed'],
      access: reply,
    }),
    act('close', { summary: 'Close it', refusals: ['conversation.notYours', 'conversation.closed'], access: reply }),
    act('read', { summary: 'Mark the messages as read', refusals: [], access: read }),
  ];
}

function writing(inbox: InboxPort): Route[] {
  return [
    route({
      method: 'POST',
      path: `${base}/:id/assign`,
      access: { permission: 'inbox.assign' },
      limit: 'console',
      audit: 'conversation.assign',
      summary: 'Give the conversation to a staff member, whoever holds it',
      params: ById,
      body: AssignBody,
      response: json(Conversation),
      refusals: ['conversation.notFound', 'conversation.closed', 'staff.notFound'],
      handle: async ({ params, body, by }) => inbox.assign(params.id, body.staffId, by),
    }),
    route({
      method: 'POST',
      path: `${base}/:id/replies`,
      access: reply,
      limit: 'console',
      audit: 'conversation.reply',
      summary: 'Write to the customer; accepted now, sent at once, its outcome follows on the stream',
      params: ById,
      body: ReplyBody,
      response: json(ChatMessage, 202),
      refusals: [
        'conversation.notFound',
        'conversation.notYours',
        'conversation.closed',
        'window.closed',
        'content.notForRoute',
        'media.notFound',
      ],
      handle: async ({ params, body, by }) => inbox.reply(params.id, body, by),
    }),
    route({
      method: 'POST',
      path: `${base}/:id/notes`,
      access: reply,
      limit: 'console',
      audit: 'conversation.note',
      summary: 'Write a note that the customer never sees',
      params: ById,
      body: NoteBody,
      response: json(ChatMessage, 201),
      refusals: ['conversation.notFound'],
      handle: async ({ params, body, by }) => inbox.note(params.id, body, by),
    }),
    route({
      method: 'POST',
      path: `${base}/:id/follow-up`,
      access: reply,
      limit: 'console',
      audit: 'conversation.followUp',
      summary: "Say where the customer's matter stands",
      params: ById,
      body: FollowUpBody,
      response: json(Conversation),
      refusals: ['conversation.notFound'],
      handle: async ({ params, body, by }) => inbox.followUp(params.id, body, by),
    }),
  ];
}
