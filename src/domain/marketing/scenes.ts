/** Scene codes: QR codes that say where a person came from, and how many came. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { RequestProblem, notFound } from '../../errors.js';
import type { NewDomainEvent } from '../../contracts/index.js';
import { olderThan } from '../../infra/mongo.js';
import type { MarketingModels, SceneRecord } from './models.js';

export type Scenes = ReturnType<typeof createScenes>;

export function createScenes({ scenes }: MarketingModels) {
  function list(limit: number, after?: { at: Date; id: string }): Promise<SceneRecord[]> {
    return scenes
      .find(after ? olderThan('createdAt', after) : {})
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit)
      .lean<SceneRecord[]>();
  }

  async function get(id: string): Promise<SceneRecord> {
    const scene = await scenes.findById(id).lean<SceneRecord>();
    if (!scene) throw notFound('scene');
    return scene;
  }

  const exists = async (account: string, scene: string): Promise<boolean> =>
    (await scenes.exists({ account, scene })) !== null;

  async function add(
    tx: ClientSession,
    scene: Pick<SceneRecord, 'account' | 'scene' | 'name' | 'imageUrl' | 'createdAt' | 'createdBy'>,
  ): Promise<{ scene: SceneRecord; events: NewDomainEvent[] }> {
    if (await scenes.exists({ account: scene.account, scene: scene.scene }).session(tx)) {
      throw new RequestProblem(409, 'scene.exists', `The account has a code for "${scene.scene}" already.`);
    }
    const record: SceneRecord = { _id: new Types.ObjectId(), ...scene, follows: 0, scans: 0 };
    await scenes.insertMany([record], { session: tx });
    return {
      scene: record,
      events: [{ kind: 'scene.created', at: scene.createdAt, data: { scene: scene.scene, account: scene.account } }],
    };
  }

  /** Counts a person who came by a code we know; codes made elsewhere are not counted. */
  async function count(tx: ClientSession, account: string, scene: string, how: 'follows' | 'scans'): Promise<void> {
    await scenes.updateOne({ account, scene }, { $inc: { [how]: 1 } }, { session: tx });
  }

  async function keepImage(id: string, mediaId: string): Promise<void> {
    await scenes.updateOne({ _id: id }, { $set: { imageMediaId: mediaId } });
  }

  return { list, get, exists, add, count, keepImage };
}
