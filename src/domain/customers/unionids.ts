/** Which platform-wide ids a person is known by, as blind indexes: what the chat platform told, what shops told, what links were made by. */
import type { ClientSession, Types } from 'mongoose';
import type { KeyRing } from '../../infra/crypto.js';
import type { CustomerModels } from './models.js';

export function unionidIndex(keys: Pick<KeyRing, 'blindIndex'>, unionid: string): string {
  return keys.blindIndex(unionid, 'customers.unionid');
}

type Sides<T> = readonly [T, T];

/** Of two groups of customers. */
export async function unionidsOf(
  { identities, shopIdentities, links }: CustomerModels,
  keys: KeyRing,
  tx: ClientSession,
  sides: Sides<readonly Types.ObjectId[]>,
): Promise<Sides<Set<string>>> {
  const ids = sides.flat();
  const option = { session: tx };
  const told = await identities.find({ customerId: { $in: ids } }, { customerId: 1, unionid: 1 }, option).lean();
  const shops = await shopIdentities.find({ customerId: { $in: ids }, kind: 'unionid' }, null, option).lean();
  const made = await links.find({ customerIds: { $in: ids }, kind: 'unionid', active: true }, null, option).lean();
  const found: Array<[Types.ObjectId, string]> = [
    ...told.flatMap(({ customerId, unionid }): Array<[Types.ObjectId, string]> =>
      unionid ? [[customerId, unionidIndex(keys, unionid)]] : [],
    ),
    ...shops.map(({ customerId, value }): [Types.ObjectId, string] => [customerId, value]),
    ...made.flatMap(({ customerIds, evidence }) =>
      evidence.kind === 'unionid' ? customerIds.map((id): [Types.ObjectId, string] => [id, evidence.unionidIndex]) : [],
    ),
  ];
  const of = (side: readonly Types.ObjectId[]): Set<string> =>
    new Set(found.filter(([id]) => side.some((one) => one.equals(id))).map(([, index]) => index));
  return [of(sides[0]), of(sides[1])];
}
