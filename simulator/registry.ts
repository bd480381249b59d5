/** Registers accounts and people, and describes them without secrets. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { AccountInput, PersonInput } from './control-schemas.js';
import { opaque, type Account, type Person, type Relation, type World } from './state.js';

/** Adds an account, or changes the settings of a known one and keeps its tokens, counters and menu. */
export function registerAccount(world: World, input: z.infer<typeof AccountInput>): Account {
  const known = world.accounts.get(input.appId);
  const account: Account = {
    ...input,
    originalId: input.originalId ?? known?.originalId ?? `gh_${input.appId.slice(-12)}`,
    name: input.name ?? known?.name ?? input.appId,
    menu: input.menu ?? known?.menu ?? [],
    tokens: known?.tokens ?? [],
    counters: known?.counters ?? new Map(),
    minutes: known?.minutes ?? new Map(),
    forcedAt: known?.forcedAt ?? 0,
    clientMsgIds: known?.clientMsgIds ?? new Map(),
  };
  world.accounts.set(account.appId, account);
  world.changed({ type: 'people' });
  return account;
}

export type Registered = { ok: true; person: Person } | { ok: false; path: string; message: string };

/** Adds a person; without `openids` one is made for every account. */
export function registerPerson(world: World, input: z.infer<typeof PersonInput>): Registered {
  const openids = input.openids ?? Object.fromEntries([...world.accounts.keys()].map((appId) => [appId, newOpenid()]));
  for (const [appId, openid] of Object.entries(openids)) {
    const path = `openids.${appId}`;
    if (!world.accounts.has(appId)) return { ok: false, path, message: 'no such account' };
    if (world.byOpenid.has(openid)) return { ok: false, path, message: 'this openid is taken' };
  }
  const { name, unionid, age, phone } = input;
  const person: Person = { id: randomUUID(), name, unionid, age, phone, relations: new Map() };
  for (const [appId, openid] of Object.entries(openids)) {
    const relation = newRelation({ personId: person.id, appId, openid });
    person.relations.set(appId, relation);
    world.byOpenid.set(openid, relation);
  }
  world.people.set(person.id, person);
  world.changed({ type: 'people' });
  return { ok: true, person };
}

function newOpenid(): string {
  return `o${opaque(27)}`;
}

function newRelation(ids: { personId: string; appId: string; openid: string }): Relation {
  return {
    ...ids,
    subscribed: false,
    subscribedAt: 0,
    subscribeScene: '',
    scene: '',
    blocked: false,
    remark: '',
    credits: [],
    lastActionAt: Number.NEGATIVE_INFINITY,
    typingUntil: 0,
    chat: [],
    unread: 0,
  };
}

export function describePerson(person: Person) {
  const { id, name, unionid, age, phone } = person;
  const relations = [...person.relations.values()].map((each) => ({
    accountId: each.appId,
    openid: each.openid,
    following: each.subscribed,
    blocked: each.blocked,
    unread: each.unread,
    credits: each.credits,
  }));
  const openids = Object.fromEntries(relations.map((each) => [each.accountId, each.openid]));
  return { id, name, unionid, age, phone, openids, relations };
}

/** No secret, token or key: this is also shown to the phone page. */
export function describeAccount(account: Account) {
  const { appId, name, originalId, mode, dataFormat, menu } = account;
  return { appId, name, originalId, mode, dataFormat, menu };
}
