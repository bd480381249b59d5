/** A reply with a file: refused before anything is written where the platform has no form for it, and under a safe name where it has. */
import { describe, expect, it } from '@jest/globals';
import type { Act, Acting } from '../../src/flow/act.js';
import { createInboxService } from '../../src/http/services/inbox.js';
import type { InboxServiceParts } from '../../src/http/services/inbox.js';
import { ID, MEDIA_ID } from './fakes.js';

const now = new Date('2026-03-10T02:30:00Z');
const by = { staffId: 's1', name: 'Mei', role: 'agent' as const, requestId: 'r' };
const act: Act = async ({ change }) => {
  await change({} as never, { rows: [] } as unknown as Acting);
  return { events: [], rows: [] };
};

/** The service over one conversation of this channel, and what it wrote. */
function inboxOf(channel: string, { size, has = true }: { size?: number; has?: boolean } = {}) {
  const written: Array<{ content: unknown; variants: unknown }> = [];
  const row: Record<string, unknown> = {};
  const parts = {
    act,
    clock: { now: () => now },
    ledger: { window: async () => ({ open: true, left: 3, endsAt: null }) },
    conversations: {
      load: async () => ({ _id: ID, address: { channel, account: 'a', user: 'u' }, status: 'open', customerId: ID }),
      queue: async (_tx: unknown, _id: unknown, { content }: { content: unknown }) => {
        row['content'] = content;
        return { seq: 1, events: [] };
      },
      findByClientId: async () =>
        row['content'] && {
          ...{ _id: ID, conversationId: ID, direction: 'out', author: { kind: 'staff', name: 'Mei' } },
          ...{ content: row['content'], at: now, state: 'pending' },
        },
    },
    outbox: {
      add: async (_tx: unknown, { message }: { message: { variants: unknown } }) => {
        written.push({ content: row['content'], variants: message.variants });
        return {};
      },
    },
    mediaExists: async () => has,
    mediaSize: async () => size,
  };
  return { service: createInboxService(parts as unknown as InboxServiceParts), written };
}
const reply = (name: string) => ({
  clientId: '12345678',
  content: { type: 'file' as const, mediaId: MEDIA_ID, name },
});

describe('a reply with a file', () => {
  it.each(['official-account', 'mini-program'])(
    'is refused in a conversation of %s, and nothing is written',
    async (channel) => {
      const { service, written } = inboxOf(channel);
      await expect(service.reply(ID, reply('报价.pdf'), by)).rejects.toMatchObject({
        status: 409,
        code: 'content.notForRoute',
      });
      expect(written).toEqual([]);
      const image = { clientId: '12345678', content: { type: 'image' as const, mediaId: MEDIA_ID } };
      expect(await service.reply(ID, image, by)).toMatchObject({ content: { type: 'image', media: { id: MEDIA_ID } } });
      expect(written).toHaveLength(1);
    },
  );

  it('goes from a personal account, under a name that is safe', async () => {
    const { service, written } = inboxOf('wechaty', { size: 12 });
    const answered = await service.reply(ID, reply('../报价\u202efdp.exe'), by);
    const content = { type: 'file', name: '报价fdp.exe', size: 12, media: { id: MEDIA_ID } };
    expect(answered).toMatchObject({ state: 'pending', content });
    expect(written).toEqual([{ content, variants: { 'customer-message': content, wechaty: content } }]);
  });

  it('has no size where nobody knows it', async () => {
    const { service } = inboxOf('wechaty');
    expect((await service.reply(ID, reply('a.pdf'), by)).content).toEqual({
      ...{ type: 'file', name: 'a.pdf', media: { id: MEDIA_ID } },
    });
  });

  it('of a file that is not there is refused', async () => {
    const { service, written } = inboxOf('wechaty', { has: false });
    await expect(service.reply(ID, reply('a.pdf'), by)).rejects.toMatchObject({ status: 404, code: 'media.notFound' });
    expect(written).toEqual([]);
  });
});
