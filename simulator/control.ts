/**
 * The control API (`/_sim/v1`): what tests, demos and the phone page use to be the people, the time and the trouble of
 * the simulated platform. Every body is validated; refusals are `application/problem+json` naming the fields.
 */
import { z } from 'zod';
import * as actions from './actions.js';
import * as schemas from './control-schemas.js';
import { json, problem, type Answer, type Request } from './http.js';
import { consoleMass } from './mass.js';
import { enterChat, grant, loginCode, miniActor, openCode, phoneCode, setNotice } from './mini-actions.js';
import { verifyUrl } from './push.js';
import { describeAccount, describePerson, miniProgram, registerAccount, registerPerson } from './registry.js';
import type { Relation, World } from './state.js';

interface Control {
  world: World;
  body: unknown;
  query: URLSearchParams;
}

/** Answers one control request; `path` is what follows the API's root, for example `/people`. */
export async function handleControl(world: World, request: Request, path: string): Promise<Answer> {
  let body: unknown = {};
  if (request.raw.length > 0) {
    try {
      body = JSON.parse(request.raw.toString('utf8'));
    } catch {
      return problem(400, 'body.notJson', 'the body is not JSON');
    }
  }
  const control: Control = { world, body, query: request.query };
  try {
    return await route(control, request.method, segmentsOf(path));
  } catch (error) {
    if (error instanceof z.ZodError) return invalid(error);
    if (error instanceof URIError) return problem(400, 'path.invalid', 'the path is not well encoded');
    throw error;
  }
}

function segmentsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((part) => decodeURIComponent(part));
}

/** 400 with every wrong field named. */
export function invalid(error: z.ZodError): Answer {
  const errors = error.issues.map(({ path, code, message }) => ({ path: path.join('.'), code, message }));
  return problem(400, 'body.invalid', errors.map((each) => `${each.path}: ${each.message}`).join('; '), errors);
}

async function route(control: Control, method: string, segments: string[]): Promise<Answer> {
  const [first = '', openid, action] = segments;
  if (first === 'people' && openid !== undefined)
    return personRoute({ ...control, method, openid, action: action ?? '' });
  if (first === 'accounts' && openid !== undefined) return accountRoute(control, method, openid, action);
  const handler = segments.length === 1 ? tops[`${method} ${first}`] : undefined;
  return handler === undefined
    ? problem(404, 'route.unknown', `no ${method} /${segments.join('/')}`)
    : handler(control);
}

const tops: Record<string, (control: Control) => Answer> = {
  'GET people': ({ world }) => json(200, { items: [...world.people.values()].map(describePerson) }),
  'POST people': addPerson,
  'GET accounts': ({ world }) => json(200, { items: [...world.accounts.values()].map(describeAccount) }),
  'POST accounts': ({ world, body }) => {
    return json(201, describeAccount(registerAccount(world, schemas.AccountInput.parse(body))));
  },
  'GET clock': ({ world }) => json(200, shownClock(world)),
  'POST clock': moveClock,
  'GET faults': ({ world }) => json(200, { items: world.faults.filter((fault) => fault.times > 0) }),
  'POST faults': ({ world, body }) => {
    const fault = schemas.FaultInput.parse(body);
    world.faults.push(fault);
    return json(201, { ...fault });
  },
  'DELETE faults': ({ world }) => {
    world.faults = [];
    return json(200, {});
  },
  'GET calls': ({ world, query }) => {
    const path = query.get('path');
    return json(200, path === null ? world.calls : world.calls.filter((call) => call.path === path));
  },
  'GET state': ({ world }) => json(200, snapshot(world)),
  'POST reset': ({ world, body }) => {
    schemas.EmptyInput.parse(body);
    world.reset();
    return json(200, {});
  },
};

/** All that the phone page shows. */
export function snapshot(world: World) {
  return {
    now: new Date(world.clock.now()).toISOString(),
    accounts: [...world.accounts.values()].map(describeAccount),
    people: [...world.people.values()].map((person) => ({
      ...describePerson(person),
      chats: Object.fromEntries([...person.relations].map(([appId, relation]) => [appId, relation.chat.slice(-300)])),
    })),
    codes: [...world.codes.values()].map(({ ticket, appId, scene, expiresAt, page }) => ({
      ticket,
      appId,
      scene,
      expiresAt,
      page,
    })),
  };
}

function addPerson({ world, body }: Control): Answer {
  const registered = registerPerson(world, schemas.PersonInput.parse(body));
  if (registered.ok) return json(201, describePerson(registered.person));
  const errors = [{ path: registered.path, code: 'conflict', message: registered.message }];
  return problem(409, 'person.conflict', `${registered.path}: ${registered.message}`, errors);
}

function shownClock(world: World) {
  return { now: new Date(world.clock.now()).toISOString(), offsetMs: world.clock.offsetMs() };
}

function moveClock({ world, body }: Control): Answer {
  const input = schemas.ClockInput.parse(body);
  if ('advanceMs' in input) world.clock.setOffset(world.clock.offsetMs() + input.advanceMs);
  else world.clock.setOffset(new Date(input.set).getTime() - Date.now());
  world.changed({ type: 'people' });
  return json(200, shownClock(world));
}

async function accountRoute(control: Control, method: string, appId: string, action?: string): Promise<Answer> {
  const account = control.world.accounts.get(appId);
  if (account === undefined) return problem(404, 'account.unknown', 'no account has this appId');
  if (method === 'POST' && action === 'verify') return json(200, await verifyUrl(control.world, account));
  if (method === 'POST' && action === 'consolemass' && account.kind === 'official-account') {
    return json(200, consoleMass(control.world, account, schemas.ConsoleMassInput.parse(control.body)));
  }
  if (method === 'GET' && action === undefined) return json(200, describeAccount(account));
  return problem(404, 'route.unknown', 'accounts know verify; official accounts also consolemass');
}

type PersonControl = Control & { method: string; openid: string; action: string };

async function personRoute(control: PersonControl): Promise<Answer> {
  const { world, openid, method, action, body } = control;
  const relation = world.byOpenid.get(openid);
  const account = relation && world.accounts.get(relation.appId);
  if (relation === undefined || account === undefined) {
    return problem(404, 'person.unknown', 'no person is known under this openid');
  }
  const read = method === 'GET' && Object.hasOwn(reads, action) ? reads[action] : undefined;
  if (read !== undefined) return json(200, read(world, relation));
  const run = method === 'POST' && Object.hasOwn(acts, action) ? acts[action] : undefined;
  if (run === undefined) return problem(404, 'route.unknown', `no ${method} /people/:openid/${action}`);
  const result = await run({ world, account, relation }, body);
  if (result === 'no mini-program')
    return problem(501, 'action.unsupported', `${action} needs a mini-program, and no such account is registered`);
  if (!('refused' in result)) return json(200, result);
  return problem(result.refused.status, result.refused.code, result.refused.detail);
}

const reads: Record<string, (world: World, relation: Relation) => unknown> = {
  '': (world, relation) => {
    const person = world.people.get(relation.personId);
    return person === undefined ? {} : describePerson(person);
  },
  received: (world, relation) =>
    chatOf(world, relation)
      .filter((entry) => entry.from === 'account')
      .map(({ at, route, msgtype, content, accountId }) => ({ at, route, msgtype, content, accountId })),
  chat: chatOf,
};

/** Everything that was said on this person's phone, over all accounts, in order. */
function chatOf(world: World, relation: Relation) {
  const relations = [...(world.people.get(relation.personId)?.relations.values() ?? [])];
  return relations.flatMap((each) => each.chat).sort((a, b) => a.seq - b.seq);
}

type Acted = actions.ActionResult | { code: string } | { result: unknown } | 'no mini-program';
type Act = (actor: actions.Actor, body: unknown) => Acted | Promise<Acted>;

/** The act of a person at a mini-program, found by `appId` or by the openid. */
function inMini<I extends { appId?: string | undefined }>(
  schema: z.ZodType<I>,
  run: (actor: actions.Actor, input: I) => Acted | Promise<Acted>,
): Act {
  return ({ world, relation }, body) => {
    if (miniProgram(world) === undefined) return 'no mini-program';
    const input = schema.parse(body);
    const actor = miniActor(world, relation, input.appId);
    return 'refused' in actor ? actor : run(actor, input);
  };
}

/** The act of a person about the notices of an account of either kind. */
function aboutNotice(run: typeof grant | typeof setNotice): Act {
  return (actor, body) => {
    const none = miniProgram(actor.world) === undefined && actor.account.templates === undefined;
    return none ? 'no mini-program' : run(actor, schemas.GrantInput.parse(body));
  };
}

const acts: Record<string, Act> = {
  follow: (actor, body) => {
    const input = schemas.FollowInput.parse(body);
    return byScene(actor, input, (scene) => actions.follow(actor, scene));
  },
  unfollow: (actor, body) => {
    schemas.EmptyInput.parse(body);
    return actions.unfollow(actor);
  },
  scan: (actor, body) => {
    const input = schemas.ScanInput.parse(body);
    return byScene(actor, input, (scene) => actions.scan(actor, scene ?? ''));
  },
  block: (actor, body) => {
    actor.relation.blocked = schemas.BlockInput.parse(body).on;
    actor.world.changed({ type: 'people' });
    return Promise.resolve({ pushed: false, attempts: [] });
  },
  say: (actor, body) => actions.say(actor, schemas.SayInput.parse(body)),
  tap: (actor, body) => {
    const input = schemas.TapInput.parse(body);
    return 'menuKey' in input ? actions.tapMenu(actor, input.menuKey) : actions.tapMessageMenu(actor, input.menuId);
  },
  read: (actor) => {
    actor.relation.unread = 0;
    return Promise.resolve({ pushed: false, attempts: [] });
  },
  enter: inMini(schemas.EnterInput, (actor, { from }) => enterChat(actor, from)),
  grant: aboutNotice(grant),
  'notice-settings': aboutNotice(setNotice),
  logincode: inMini(schemas.CodeInput, loginCode),
  phonecode: inMini(schemas.CodeInput, phoneCode),
};

/** The scene itself, or that of the code behind a ticket. */
async function byScene(
  actor: actions.Actor,
  input: { scene?: string | undefined; ticket?: string | undefined },
  run: (scene?: string) => Promise<actions.ActionResult>,
): Promise<actions.ActionResult> {
  if (input.ticket === undefined) return run(input.scene);
  const code = actor.world.codes.get(input.ticket);
  if (code?.page !== undefined) return openCode(code);
  if (code?.appId === actor.account.appId) return run(code.scene);
  return { refused: { code: 'ticket.unknown', detail: 'no code of this account has this ticket', status: 404 } };
}
