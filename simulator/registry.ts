/** Registers accounts and people, knows who is who across accounts, and describes them without secrets. */
import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { AccountInput, PersonInput } from './control-schemas.js';
import { opaque, type Account, type NoticeTemplate, type Person, type Relation, type World } from './state.js';

/** Adds an account, or changes the settings of a known one and keeps its tokens, counters and menu. */
export function registerAccount(world: World, input: z.infer<typeof AccountInput>): Account {
  const known = world.accounts.get(input.appId);
  const kind = input.kind ?? 'official-account';
  const account: Account = {
    ...input,
    kind,
    token: input.token ?? '',
    encodingAesKey: input.encodingAesKey ?? '',
    callbackUrl: input.callbackUrl ?? '',
    templates: input.templates?.map((each) => withKind(each, kind)),
    originalId: input.originalId ?? known?.originalId ?? `gh_${input.appId.slice(-12)}`,
    name: input.name ?? known?.name ?? input.appId,
    menu: ('menu' in input ? input.menu : undefined) ?? known?.menu ?? [],
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

type TemplateInput = NonNullable<z.infer<typeof AccountInput>['templates']>[number];

function withKind(template: TemplateInput, account: Account['kind']): NoticeTemplate {
  return { ...template, kind: template.kind ?? (account === 'mini-program' ? 'one-time' : 'template') };
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
  for (const [appId, openid] of Object.entries(openids)) addRelation(world, person, { appId, openid });
  world.people.set(person.id, person);
  world.changed({ type: 'people' });
  return { ok: true, person };
}

function addRelation(world: World, person: Person, ids: { appId: string; openid: string }): Relation {
  const relation = newRelation({ personId: person.id, ...ids });
  person.relations.set(ids.appId, relation);
  world.byOpenid.set(ids.openid, relation);
  return relation;
}

/** The person at that account; an openid there is made when the person comes for the first time. */
export function relationAt(world: World, person: Person, appId: string): Relation {
  const known = person.relations.get(appId);
  if (known !== undefined) return known;
  const made = addRelation(world, person, { appId, openid: newOpenid() });
  world.changed({ type: 'people' });
  return made;
}

/** The mini-program of that app id, or, when none is named, the first one; undefined when there is none such. */
export function miniProgram(world: World, appId?: string): Account | undefined {
  const all = [...world.accounts.values()].filter((each) => each.kind === 'mini-program');
  return appId === undefined ? all[0] : all.find((each) => each.appId === appId);
}

/** A person registered with a unionid has that one at the default owner's accounts, and another at every other owner's. */
export function unionidAt(person: Person | undefined, account: Account): string | undefined {
  if (person?.unionid === undefined || account.owner === 'owner') return person?.unionid;
  return `o${createHash('sha256').update(`${account.owner} ${person.unionid}`).digest('base64url').slice(0, 27)}`;
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
    visitedAt: Number.NEGATIVE_INFINITY,
    consents: new Map(),
    refusedNotices: new Set(),
    logins: [0, 0],
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
  const { kind, appId, name, originalId, mode, dataFormat, menu, templates = [], pages = null, previewUrl } = account;
  return { kind, appId, name, originalId, mode, dataFormat, menu, templates, pages, previewUrl };
}
