/** The message list: a page from the server joins what is shown without a message standing twice or out of order. */
import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../../console/src/api/types.js';
import { mergePage, replyContent } from '../../console/src/stores/chat-messages.js';

const message = (n: number, more: Partial<ChatMessage> = {}): ChatMessage => ({
  id: `m${n}`,
  conversationId: 'c1',
  direction: 'in',
  author: { kind: 'customer', id: null, name: '王小明' },
  content: { type: 'text', text: `no. ${n}` },
  at: new Date(n * 60_000).toISOString(),
  state: 'sent',
  reason: null,
  route: null,
  receipt: null,
  ...more,
});
const byStaff = (n: number, id: string, direction: 'out' | 'note' = 'out'): ChatMessage =>
  message(n, { direction, author: { kind: 'staff', id, name: id } });
const ids = (messages: readonly ChatMessage[]): string[] => messages.map((one) => one.id);

describe('joining a page', () => {
  it('turns the first page, newest first, into reading order', () => {
    const merged = mergePage([], [message(3), message(2), message(1)], undefined);
    expect(ids(merged.messages)).toEqual(['m1', 'm2', 'm3']);
    expect(merged.continued).toBe(false);
  });

  it('keeps older ones that were paged back to and adds the new ones below', () => {
    const merged = mergePage(
      [message(1), message(2), message(3)],
      [message(5), message(4), message(3), message(2)],
      undefined,
    );
    expect(ids(merged.messages)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(merged.continued).toBe(true);
  });

  it('shows what the server says now of a message that was there', () => {
    const merged = mergePage([message(1, { state: 'pending' })], [message(1, { state: 'unknown' })], undefined);
    expect(merged.messages.map((one) => one.state)).toEqual(['unknown']);
  });

  it('lets a page that touches nothing stand alone, so that no gap hides in the list', () => {
    const merged = mergePage([message(1), message(2)], [message(9), message(8)], undefined);
    expect(ids(merged.messages)).toEqual(['m8', 'm9']);
    expect(merged.continued).toBe(false);
  });

  it('leaves what was shown as it was', () => {
    const shown = Object.freeze([message(1), message(2)]);
    const page = Object.freeze([message(3), message(2)]);
    mergePage(shown, page, undefined);
    expect(ids(shown)).toEqual(['m1', 'm2']);
    expect(ids(page)).toEqual(['m3', 'm2']);
  });
});

describe('while something of mine is on its way', () => {
  const shown = [message(1), byStaff(2, 'lin')];
  const page = [byStaff(6, 'lin', 'note'), byStaff(5, 'lin'), byStaff(4, 'mei'), message(3), ...[...shown].reverse()];

  it('holds back my own unknown messages, which still stand as local ones', () => {
    expect(ids(mergePage(shown, page, 'lin').messages)).toEqual(['m1', 'm2', 'm3', 'm4']);
  });

  it('shows them once nothing is on its way', () => {
    expect(ids(mergePage(shown, page, undefined).messages)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  });
});

describe('what the server is asked to send', () => {
  it.each([
    [
      { kind: 'text' as const, text: '好' },
      { type: 'text', text: '好' },
    ],
    [
      { kind: 'image' as const, text: '' as const, mediaId: 'a', previewUrl: 'blob:1' },
      { type: 'image', mediaId: 'a' },
    ],
    [
      { kind: 'file' as const, text: '' as const, mediaId: 'a', name: '报价.pdf', size: 3 },
      { type: 'file', mediaId: 'a', name: '报价.pdf' },
    ],
  ])('of $kind', (local, content) => expect(replyContent(local)).toEqual(content));
});
