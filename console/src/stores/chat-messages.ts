/** Pure rules of the message list: what waits locally, and how a page from the server is joined to what is shown. */
import type { ChatMessage, ReplyBody } from '../api/types.js';

export type Outgoing =
  | { kind: 'text' | 'note'; text: string }
  | { kind: 'image'; text: ''; mediaId: string; previewUrl: string }
  | { kind: 'file'; text: ''; mediaId: string; name: string; size: number };

/** Something sent from this page that the server has not answered yet, or refused to take. */
export type LocalMessage = Outgoing & {
  conversationId: string;
  clientId: string;
  at: string;
  state: 'sending' | 'failed';
  error: string;
};

/** What the server is asked to send. A note is no reply. */
export function replyContent(local: Outgoing): ReplyBody['content'] {
  switch (local.kind) {
    case 'image':
      return { type: 'image', mediaId: local.mediaId };
    case 'file':
      return { type: 'file', mediaId: local.mediaId, name: local.name };
    case 'text':
    case 'note':
      return { type: 'text', text: local.text };
  }
}

export interface Merged {
  messages: ChatMessage[];
  /** False when the page did not touch what was shown, so that it stands alone. */
  continued: boolean;
}

/**
 * `page` is newest first; the result oldest first. While something of `sendingBy` is on its way, unknown messages of that
 * person are left out: the answer will bring them, and until then they stand in the list as local ones.
 */
export function mergePage(
  shown: readonly ChatMessage[],
  page: readonly ChatMessage[],
  sendingBy: string | undefined,
): Merged {
  const known = new Set(shown.map((message) => message.id));
  const fresh = page
    .filter(
      (message) =>
        known.has(message.id) ||
        sendingBy === undefined ||
        message.direction === 'in' ||
        message.author.id !== sendingBy,
    )
    .reverse();
  const ids = new Set(page.map((message) => message.id));
  const continued = shown.some((message) => ids.has(message.id));
  if (!continued) return { messages: fresh, continued: false };
  return { messages: [...shown.filter((message) => !ids.has(message.id)), ...fresh], continued: true };
}
