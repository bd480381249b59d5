/**
 * What a chat address turns out to say about who somebody is: a unionid links the records that share it, an openid the record of a shop that
 * told it before the person came. Keeps the unionid on the identity; whether it links is for persons.ts.
 */
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import type { KeyRing } from '../../infra/crypto.js';
import type { CustomerModels, IdentityRecord } from './models.js';
import type { Persons } from './persons.js';
import { createPhoneMatches } from './phone-matches.js';
import { createKnown } from './references-known.js';
import { unionidIndex } from './unionids.js';

export interface Identification {
  /** The platform told this unionid of the identity: keeps it, and links whoever else is known by it. */
  attachUnionid(tx: ClientSession, identity: IdentityRecord, unionid: string, at: Date): Promise<NewDomainEvent[]>;
  /** An address met for the first time: a shop may have told of it before. */
  recognise(tx: ClientSession, identity: IdentityRecord, at: Date): Promise<NewDomainEvent[]>;
}

export function createIdentification(
  models: CustomerModels,
  { persons, keys }: { persons: Persons; keys: KeyRing },
): Identification {
  const known = createKnown(models, keys);
  const { claim } = createPhoneMatches(models, persons);

  return {
    attachUnionid: async (tx, { _id, customerId, unionid: before }, unionid, at) => {
      if (before !== unionid) {
        await models.identities.updateOne({ _id }, { $set: { unionid } }, { session: tx });
        await claim(tx, [`unionid:${unionidIndex(keys, unionid)}`]);
      }
      const other = await known.nextByUnionid(tx, unionid, customerId);
      if (!other) return [];
      return (await persons.link(tx, other, customerId, { kind: 'unionid', unionid }, at)).events;
    },
    recognise: async (tx, { customerId, address }, at) => {
      const told = await models.shopIdentities
        .find({ kind: 'openid', value: address.user }, null, { session: tx })
        .lean();
      const events: NewDomainEvent[] = [];
      for (const { customerId: shop, source } of told) {
        events.push(...(await persons.link(tx, shop, customerId, { kind: 'shop-member', source }, at)).events);
      }
      return events;
    },
  };
}
