/** What every channel must keep, whatever its platform. A channel's test calls this with how to make it and what its platform sends. */
import { describe, expect, it } from '@jest/globals';
import { channelNames, InboundEvent, routes } from '../../src/contracts/index.js';
import type { Channel, OutboundMessage, Received, WebhookRequest } from '../../src/contracts/index.js';

export interface ChannelCase {
  /** A fresh channel whose platform cannot be reached. */
  create(): Channel;
  /** Proved requests of different events, by name; empty for a channel without a webhook. */
  requests: Readonly<Record<string, WebhookRequest>>;
  /** The same request, its proof spoiled. */
  spoil(request: WebhookRequest): WebhookRequest;
  /** A message this channel can send. */
  message: OutboundMessage;
}

export function describeChannel(name: string, { create, requests, spoil, message }: ChannelCase): void {
  const started = async (answer: () => Promise<Received>) => {
    const channel = create();
    const events: InboundEvent[] = [];
    await channel.start((event) => {
      events.push(event);
      return answer();
    });
    return { channel, events };
  };
  const stored = (): Promise<Received> => Promise.resolve({ stored: true, duplicate: false });
  const names = Object.keys(requests);

  describe(`${name} keeps the channel contract`, () => {
    it('says who it is', () => {
      const channel = create();
      expect(channelNames).toContain(channel.name);
      expect(channel.accounts.length).toBeGreaterThan(0);
      expect(routes).toEqual(expect.arrayContaining([...channel.capabilities.routes]));
      expect(channel.capabilities.routes).toEqual(expect.arrayContaining([...channel.capabilities.idempotentRoutes]));
      expect(channel.health().map(({ account }) => account)).toEqual(channel.accounts);
    });

    it('hands every proved event on once, valid and from itself, and answers', async () => {
      const { channel, events } = await started(stored);
      for (const one of names) {
        const answer = await channel.webhook?.(requests[one] as WebhookRequest);
        expect([one, answer]).toMatchObject([one, { kind: 'answer', status: 200 }]);
      }
      expect(events).toHaveLength(names.length);
      for (const event of events) {
        expect(InboundEvent.parse(event)).toEqual(event);
        expect(event.from.channel).toBe(channel.name);
        expect(channel.accounts).toContain(event.from.account);
      }
    });

    it('gives one event one key and different events different keys', async () => {
      const { channel, events } = await started(stored);
      for (const round of [1, 2])
        for (const one of names) if (round) await channel.webhook?.(requests[one] as WebhookRequest);
      const keys = events.map(({ key }) => key);
      expect(keys.slice(0, names.length)).toEqual(keys.slice(names.length));
      expect(new Set(keys).size).toBe(names.length);
    });

    it('hands nothing on that is not proved', async () => {
      const { channel, events } = await started(stored);
      for (const one of names) {
        const answer = await channel.webhook?.(spoil(requests[one] as WebhookRequest));
        expect(answer?.kind === 'answer' && answer.status).toBe(403);
      }
      expect(events).toEqual([]);
    });

    it('does not acknowledge what was not stored', async () => {
      const { channel } = await started(() => Promise.resolve({ stored: false }));
      for (const one of names)
        expect(await channel.webhook?.(requests[one] as WebhookRequest)).toEqual({ kind: 'abandon' });
    });

    it('knows only its own accounts', async () => {
      const { channel, events } = await started(stored);
      for (const one of names.slice(0, 1)) {
        const answer = await channel.webhook?.({ ...(requests[one] as WebhookRequest), account: 'nobody' });
        expect(answer).toMatchObject({ kind: 'answer', status: 404 });
      }
      const stranger = { ...message, to: { ...message.to, account: 'nobody' } };
      expect(await channel.send(stranger, AbortSignal.timeout(1000))).toMatchObject({ outcome: 'refused' });
      expect(events).toEqual([]);
    });

    it('settles a send to a platform that is away, and says that nothing was sent', async () => {
      const { channel } = await started(stored);
      expect(await channel.send(message, AbortSignal.timeout(2000))).toMatchObject({ outcome: 'retry' });
      expect(await channel.send(message, AbortSignal.abort())).toMatchObject({ outcome: 'retry' });
    });

    it('acknowledges nothing before it starts and after it stops', async () => {
      const channel = create();
      const first = names[0] && requests[names[0]];
      if (first) expect(await channel.webhook?.(first)).toEqual({ kind: 'abandon' });
      await channel.start(stored);
      await channel.stop();
      if (first) expect(await channel.webhook?.(first)).toEqual({ kind: 'abandon' });
    });
  });
}
