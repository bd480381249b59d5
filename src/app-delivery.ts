/** What delivery is set up with: the channels, their queues and rates, and which strategies may speak. Part of app.ts. */
import { channelKinds } from './channels/index.js';
import type { Config } from './config.js';
import type { Channel, ChannelPorts, Strategy, Trigger } from './contracts/index.js';
import { createTokenBucket } from './infra/rate.js';
import type { TokenBucket } from './infra/rate.js';
import { triggers } from './triggers/index.js';

/** Strategies of a scene act only while Huike is that scene's sender of record. */
export function spokenByUs(strategies: readonly Strategy[], ours: ReadonlySet<string>): Strategy[] {
  const sceneOf = new Map(triggers.map(({ code, scene }: Trigger) => [code, scene]));
  return strategies.filter(({ trigger }) => {
    const scene = sceneOf.get(trigger.code);
    return scene === undefined || ours.has(scene);
  });
}

export function createChannels({ channels, dataDir }: Config, ports: ChannelPorts): Channel[] {
  return [
    channelKinds['official-account'].create(channels['official-account'], ports),
    channelKinds['mini-program'].create(channels['mini-program'], ports),
    channelKinds.wechaty.create(channels.wechaty, ports, { dataDir }),
  ];
}

/** A channel that a person is signed in to: only the process that holds the login speaks through it. */
export const isBot = ({ capabilities }: Channel): boolean => capabilities.bots !== undefined;

/** Two queues an account, so that service replies never wait behind bulk. */
export function queueName(to: { channel: string; account: string }, queue: 'replies' | 'bulk'): string {
  return `${queue}.${to.channel}.${to.account}`;
}

export function accountRates(config: Config): (account: string, queue: 'replies' | 'bulk') => number {
  const buckets = new Map<string, TokenBucket>();
  return (account, queue) => {
    const key = `${account}/${queue}`;
    const bucket = buckets.get(key) ?? createTokenBucket({ perSecond: config.delivery.ratePerSecond[queue] });
    buckets.set(key, bucket);
    return bucket.take();
  };
}
