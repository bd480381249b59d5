/**
 * Many people who can be reached, each by one way: followers of the official account, members who agreed to promotion in the mini-program, and
 * members who tapped for one-time notices. Written past the domain's front door, since meeting a hundred thousand people is not what is measured.
 */
import { Types } from 'mongoose';
import type { App } from '../src/app.js';
import { addressKey } from '../src/contracts/index.js';
import type { Address } from '../src/contracts/index.js';

export type ReachKind = 'follower' | 'member' | 'grantee';

export interface ReachPerson {
  kind: ReachKind;
  address: Address;
  /** What segments find them by; the kind is always one of them. */
  tags: readonly string[];
}

export interface ReachOptions {
  at: Date;
  /** Templates of which every grantee has so many notices left. */
  templates: readonly string[];
  noticesEach: number;
}

const BATCH = 2000;

/** Their portraits are not made here: the follower of events builds everybody's at its first look. */
export async function addReachable(
  { models }: Pick<App['domain'], 'models'>,
  people: readonly ReachPerson[],
  options: ReachOptions,
): Promise<Types.ObjectId[]> {
  const ids: Types.ObjectId[] = [];
  for (let done = 0; done < people.length; done += BATCH) {
    const some = people.slice(done, done + BATCH).map((person) => ({ ...person, _id: new Types.ObjectId() }));
    await insert(models, some, options);
    ids.push(...some.map(({ _id }) => _id));
  }
  return ids;
}

async function insert(
  { people, contact }: App['domain']['models'],
  some: ReadonlyArray<ReachPerson & { _id: Types.ObjectId }>,
  { at, templates, noticesEach }: ReachOptions,
): Promise<void> {
  const known = { createdAt: at, lastSeenAt: at, followUp: 'none' };
  await people.customers.collection.insertMany(
    some.map(({ _id, kind, tags }) => ({
      ...{ _id, personId: _id, ...known, tags: [...new Set([kind, ...tags])].sort() },
      ...(kind === 'follower'
        ? {}
        : { joined: { at, privacyVersion: '2026-11' }, age: { band: 'adult', at, by: { kind: 'member' } } }),
    })),
  );
  await people.identities.collection.insertMany(
    some.map(({ _id, address }) => ({
      ...{ _id: new Types.ObjectId(), customerId: _id, address: { ...address } },
      ...{ following: true, followedAt: at, profileTries: 0, createdAt: at },
    })),
  );
  const agreed = some.filter(({ kind }) => kind === 'member');
  const word = { purpose: 'promotion', channel: 'wechat', textVersion: '2026-11', withdrawn: false, at };
  if (agreed.length)
    await people.consents.collection.insertMany(
      agreed.map(({ _id }) => ({
        _id: new Types.ObjectId(),
        customerId: _id,
        ...word,
        by: { kind: 'member' },
      })) as never,
    );
  const books = some
    .filter(({ kind }) => kind === 'grantee')
    .flatMap(({ address }) => templates.map((templateId) => bookOf(address, templateId, { at, noticesEach })));
  if (books.length) await contact.notices.collection.insertMany(books as never);
}

function bookOf(address: Address, templateId: string, { at, noticesEach }: { at: Date; noticesEach: number }) {
  const key = addressKey(address);
  const grants = Array.from({ length: noticesEach }, () => ({ id: new Types.ObjectId().toHexString(), at }));
  return { _id: `${key} ${templateId}`, address: key, templateId, answers: [], grants };
}
