/** Records as the console sees them. Pure. */
import type { z } from 'zod';
import type * as c from '../../contracts/index.js';
import type { WindowView } from '../../domain/contact/index.js';
import { isMetered, replyKindsOf } from '../../domain/conversations/index.js';
import type { ConversationRecord, MessageRecord } from '../../domain/conversations/index.js';
import { customerName, maskUser } from '../../domain/customers/index.js';
import type { CustomerRecord, IdentityRecord } from '../../domain/customers/index.js';
import type { SceneRecord, StrategyRecord } from '../../domain/marketing/index.js';

const iso = (at: Date | undefined): string | null => at?.toISOString() ?? null;

export function presentSummary(
  conversation: ConversationRecord,
  customer: CustomerRecord | undefined,
  identity: IdentityRecord | undefined,
): c.ConversationSummary {
  return {
    id: String(conversation._id),
    customerId: String(conversation.customerId),
    customerName: customer ? customerName(customer) : '—',
    channel: conversation.address.channel,
    account: conversation.address.account,
    status: conversation.status,
    assignee: conversation.assignee ? { id: conversation.assignee.id, name: conversation.assignee.name } : null,
    unread: conversation.unread,
    waitingSince: iso(conversation.waitingSince),
    lastMessageAt: iso(conversation.lastMessageAt),
    preview: conversation.preview,
    followUp: customer?.followUp ?? 'none',
    following: identity?.following ?? false,
  };
}

export function presentConversation(
  conversation: ConversationRecord,
  customer: CustomerRecord | undefined,
  identity: IdentityRecord | undefined,
  window: WindowView,
): c.Conversation {
  return {
    ...presentSummary(conversation, customer, identity),
    window: { open: window.open, left: window.left, endsAt: window.endsAt?.toISOString() ?? null },
    metered: isMetered(conversation.address.channel),
    epoch: conversation.epoch,
    replyKinds: replyKindsOf(conversation.address.channel),
  };
}

/** `nameOfCustomer` is asked for now, not stored with the message: it changes, and it must be forgotten with the person. */
export function presentMessage(message: MessageRecord, nameOfCustomer = ''): c.ChatMessage {
  return {
    id: String(message._id),
    conversationId: String(message.conversationId),
    direction: message.direction,
    author: {
      kind: message.author.kind,
      id: message.author.id ?? null,
      name: message.author.kind === 'customer' ? nameOfCustomer : message.author.name,
    },
    content: message.content,
    at: message.at.toISOString(),
    state: message.state,
    reason: message.reason ?? null,
    route: message.route ?? null,
    receipt: message.receipt ?? null,
  };
}

export function presentCustomer(
  customer: CustomerRecord,
  identities: readonly IdentityRecord[],
  conversations: readonly ConversationRecord[],
): c.Customer {
  return {
    id: String(customer._id),
    name: customerName(customer),
    nickname: customer.nickname ?? null,
    remark: customer.remark ?? null,
    createdAt: customer.createdAt.toISOString(),
    lastSeenAt: iso(customer.lastSeenAt),
    followUp: customer.followUp,
    followUpNote: customer.followUpNote ?? null,
    identities: identities.map(presentIdentity),
    conversationIds: conversations.map((conversation) => String(conversation._id)),
  };
}

function presentIdentity(identity: IdentityRecord): z.infer<typeof c.Identity> {
  return {
    channel: identity.address.channel,
    account: identity.address.account,
    user: maskUser(identity.address.user),
    unionid: identity.unionid ? maskUser(identity.unionid) : null,
    following: identity.following,
    followedAt: iso(identity.followedAt),
    scene: identity.scene ?? null,
  };
}

export function presentStrategy(strategy: StrategyRecord): c.StrategyView {
  const asArgs = (args: unknown): Record<string, unknown> => ({ ...(args as Record<string, unknown>) });
  return {
    code: strategy.code,
    version: strategy.version,
    enabled: strategy.enabled,
    title: strategy.title,
    metric: strategy.metric,
    group: strategy.group,
    priority: strategy.priority,
    trigger: { code: strategy.trigger.code, args: asArgs(strategy.trigger.args) },
    actions: strategy.actions.map(({ code, args }) => ({ code, args: asArgs(args) })),
    ...(strategy.audience ? { audience: strategy.audience } : {}),
    ...(strategy.holdoutPercent ? { holdoutPercent: strategy.holdoutPercent } : {}),
    ...(strategy.budget ? { budget: strategy.budget } : {}),
    changedAt: strategy.changedAt.toISOString(),
  };
}

export function presentScene(scene: SceneRecord): z.infer<typeof c.SceneView> {
  return {
    id: String(scene._id),
    account: scene.account,
    scene: scene.scene,
    name: scene.name,
    follows: scene.follows,
    scans: scene.scans,
    imageUrl: `/console/v1/scenes/${String(scene._id)}/image`,
    createdAt: scene.createdAt.toISOString(),
  };
}
