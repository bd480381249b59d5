/** What is known of the keys of many references, read in a few queries. Reads only. */
import type { ClientSession, Types } from 'mongoose';
import type { CustomerRef } from '../../contracts/index.js';
import type { KeyRing } from '../../infra/crypto.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { ShopIdentityRecord } from './link-models.js';
import type { CustomerModels, IdentityRecord } from './models.js';
import { holdersByIndex } from './phone-holders.js';
import { identifies } from './phones.js';
import { unionidIndex } from './unionids.js';

/** A customer who holds a number; `verifiedAt` absent: told only. */
export interface Holder {
  customerId: Types.ObjectId;
  personId: Types.ObjectId;
  verifiedAt?: Date | undefined;
}

/** A reference with what it is looked up by. Names nobody by a strong key: `phoneOnly`. */
export interface KeyedRef {
  ref: CustomerRef;
  unionid?: string | undefined;
  phone?: { number: string; index: string; identifies: boolean } | undefined;
  phoneOnly: boolean;
}

/** Values to customers. `unionid` and `phone` by blind index; `shopUnionids`: those some shop told already. */
export interface Known {
  member: Map<string, Types.ObjectId>;
  unionid: Map<string, Types.ObjectId>;
  openid: Map<string, Types.ObjectId>;
  phone: Map<string, Types.ObjectId>;
  shopUnionids: Set<string>;
  holders: Map<string, Holder[]>;
}

export function phoneIndex(keys: Pick<KeyRing, 'blindIndex'>, phone: string): string {
  return keys.blindIndex(phone, 'customers.phone');
}

export function keyed(keys: Pick<KeyRing, 'blindIndex'>, ref: CustomerRef): KeyedRef {
  const { phone } = ref;
  return {
    ref,
    unionid: ref.unionid && unionidIndex(keys, ref.unionid),
    phone: phone ? { number: phone, index: phoneIndex(keys, phone), identifies: identifies(phone) } : undefined,
    phoneOnly: !ref.externalId && !ref.unionid && !ref.openid,
  };
}

type Aged = { customerId: Types.ObjectId; createdAt: Date };

/** The oldest record that has a value is the one the value names. */
function oldest(rows: ReadonlyArray<readonly [string | undefined, Aged]>): Map<string, Types.ObjectId> {
  const sorted = [...rows].sort(([, a], [, b]) => a.createdAt.getTime() - b.createdAt.getTime());
  const map = new Map<string, Types.ObjectId>();
  for (const [value, { customerId }] of sorted) if (value && !map.has(value)) map.set(value, customerId);
  return map;
}

export function createKnown(models: CustomerModels, keys: Pick<KeyRing, 'blindIndex'>) {
  const { identities, shopIdentities } = models;

  const shopRows = async (
    tx: ClientSession | null,
    filter: { source?: string; kind: ShopIdentityRecord['kind'] },
    values: ReadonlyArray<string | undefined>,
  ): Promise<ShopIdentityRecord[]> => {
    const wanted = present(values);
    if (wanted.length === 0) return [];
    return shopIdentities
      .find({ ...filter, value: { $in: wanted } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<ShopIdentityRecord[]>();
  };

  const chatRows = async (
    tx: ClientSession | null,
    field: 'unionid' | 'address.user',
    values: ReadonlyArray<string | undefined>,
  ) => {
    const wanted = present(values);
    if (wanted.length === 0) return [];
    const fields = { customerId: 1, createdAt: 1, unionid: 1, 'address.user': 1 } as const;
    const filter: Record<string, unknown> = { [field]: { $in: wanted } };
    return identities
      .find(filter, fields, { session: tx, ...IN_ONE_ANSWER })
      .lean<Array<Pick<IdentityRecord, 'customerId' | 'createdAt' | 'unionid' | 'address'>>>();
  };

  async function holdersOf(
    tx: ClientSession | null,
    indexes: ReadonlyArray<string | undefined>,
  ): Promise<Map<string, Holder[]>> {
    const found = await holdersByIndex(models, tx, present(indexes));
    return new Map(
      [...found].map(([index, holdings]) => [
        index,
        holdings.map(({ _id, personId, profile }) => ({
          customerId: _id,
          personId,
          verifiedAt: profile?.phone?.verifiedAt,
        })),
      ]),
    );
  }

  async function load(tx: ClientSession | null, source: string, refs: readonly KeyedRef[]): Promise<Known> {
    const members = await shopRows(
      tx,
      { source, kind: 'member' },
      refs.map(({ ref }) => ref.externalId),
    );
    const shopUnionids = await shopRows(
      tx,
      { kind: 'unionid' },
      refs.map(({ unionid }) => unionid),
    );
    const chatUnionids = await chatRows(
      tx,
      'unionid',
      refs.map(({ ref }) => ref.unionid),
    );
    const shopOpenids = await shopRows(
      tx,
      { kind: 'openid' },
      refs.map(({ ref }) => ref.openid),
    );
    const chatOpenids = await chatRows(
      tx,
      'address.user',
      refs.map(({ ref }) => ref.openid),
    );
    const alone = refs.filter(({ phoneOnly }) => phoneOnly).map(({ phone }) => phone);
    const phones = await shopRows(
      tx,
      { source, kind: 'phone' },
      alone.map((phone) => phone?.index),
    );
    return {
      member: oldest(members.map((row) => [row.value, row])),
      unionid: oldest([
        ...shopUnionids.map((row) => [row.value, row] as const),
        ...chatUnionids.map((row) => [row.unionid && unionidIndex(keys, row.unionid), row] as const),
      ]),
      openid: oldest([
        // The address itself says more than what a shop told of it.
        ...chatOpenids.map((row) => [row.address.user, { ...row, createdAt: new Date(0) }] as const),
        ...shopOpenids.map((row) => [row.value, row] as const),
      ]),
      phone: oldest(phones.map((row) => [row.value, row])),
      shopUnionids: new Set(shopUnionids.map(({ value }) => value)),
      holders: await holdersOf(
        tx,
        alone.filter((phone) => phone?.identifies).map((phone) => phone?.index),
      ),
    };
  }

  /** The oldest record with this unionid that is not `except`. */
  async function nextByUnionid(
    tx: ClientSession,
    unionid: string,
    except: Types.ObjectId,
  ): Promise<Types.ObjectId | undefined> {
    const index = unionidIndex(keys, unionid);
    const rows: Aged[] = [
      ...(await shopRows(tx, { kind: 'unionid' }, [index])),
      ...(await chatRows(tx, 'unionid', [unionid])),
    ];
    const others = rows.filter(({ customerId }) => !customerId.equals(except));
    return oldest(others.map((row) => [index, row])).get(index);
  }

  return { load, holdersOf, nextByUnionid };
}

function present(values: ReadonlyArray<string | undefined>): string[] {
  return [...new Set(values.filter((value): value is string => Boolean(value)))];
}
