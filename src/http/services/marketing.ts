/** What the routes of strategies and scene codes mean. */
import type { Channel, MediaPort } from '../../contracts/index.js';
import type { Scenes, Strategies } from '../../domain/marketing/index.js';
import { RequestProblem } from '../../errors.js';
import type { Act } from '../../flow/act.js';
import type { Clock } from '../../infra/clock.js';
import type { Actor, ScenesPort, StrategiesPort } from '../ports.js';
import { createStrategyScreens } from './campaigns/strategy-screens.js';
import type { StrategyScreensParts } from './campaigns/strategy-screens.js';
import { cursorOf, positionOf, toPage } from './cursor.js';
import { presentScene, presentStrategy } from './present.js';

const cause = (by: Actor) => ({ door: 'http' as const, staffId: by.staffId, requestId: by.requestId });

export type StrategiesServiceParts = StrategyScreensParts & { act: Act; clock: Clock; strategies: Strategies };

export function createStrategiesService(parts: StrategiesServiceParts): StrategiesPort {
  return {
    ...createStrategyScreens(parts),
    list: async () => ({ items: (await parts.strategies.list()).map(presentStrategy), nextCursor: null }),
    put: async (code, body, by) => {
      const put = await parts.act({
        cause: cause(by),
        change: async (tx) =>
          (await parts.strategies.put(tx, code, body, { staffId: by.staffId, at: parts.clock.now() })).events,
      });
      const stored = (await parts.strategies.list()).find((strategy) => strategy.code === code);
      if (!stored || put.events.length === 0) throw new Error(`strategy ${code} was stored and is not there`);
      return presentStrategy(stored);
    },
  };
}

export interface ScenesServiceParts {
  act: Act;
  clock: Clock;
  scenes: Scenes;
  media: MediaPort;
  /** The channel whose account this is, when it can make scene codes. */
  channelOf(account: string): Channel | undefined;
  /** Fetches a picture from the platform. */
  fetchImage(url: string): Promise<{ bytes: Buffer; mimeType: string }>;
}

export function createScenesService(parts: ScenesServiceParts): ScenesPort {
  return {
    list: async (page) => {
      const found = await parts.scenes.list(page.limit + 1, positionOf(page.cursor));
      return toPage(found, page.limit, presentScene, (scene) => cursorOf(scene.createdAt, scene._id));
    },
    add: async (body, by) => {
      const sceneCode = parts.channelOf(body.account)?.capabilities.sceneCode;
      if (!sceneCode)
        throw new RequestProblem(
          404,
          'account.notFound',
          `There is no account "${body.account}" that can make QR codes.`,
        );
      if (await parts.scenes.exists(body.account, body.scene)) {
        throw new RequestProblem(409, 'scene.exists', `The account has a code for "${body.scene}" already.`);
      }
      const made = await sceneCode(body.account, body.scene, {});
      if (!made.ok) throw new RequestProblem(502, 'platform.failed', `The platform made no code: ${made.reason}.`);
      const record = { ...body, imageUrl: made.value.imageUrl, createdAt: parts.clock.now(), createdBy: by.staffId };
      let id = '';
      await parts.act({
        cause: cause(by),
        change: async (tx) => {
          const added = await parts.scenes.add(tx, record);
          id = String(added.scene._id);
          return added.events;
        },
      });
      return presentScene(await parts.scenes.get(id));
    },
    image: async (id) => {
      const scene = await parts.scenes.get(id);
      const kept = scene.imageMediaId ? await parts.media.read(scene.imageMediaId) : undefined;
      if (kept) return kept;
      const picture = await parts.fetchImage(scene.imageUrl);
      await parts.scenes.keepImage(id, (await parts.media.add(picture.bytes, picture.mimeType)).id);
      return picture;
    },
  };
}
