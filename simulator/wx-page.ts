/**
 * The client's side for a mini-program that runs in a browser (`/phone/wx/…`): what `wx.login`, the phone button,
 * `wx.requestSubscribeMessage` and the contact button ask of WeChat itself. Hands out codes as a real client would, never
 * a session key or a secret; the page draws the dialogs.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from './actions.js';
import { WxInput } from './control-schemas.js';
import { invalid } from './control.js';
import { json, problem, type Answer, type Request } from './http.js';
import { phoneInfo } from './login.js';
import { enterChat, loginCode, miniActor, phoneCode } from './mini-actions.js';
import { answerDialog } from './notice-consent.js';
import { describeAccount, miniProgram } from './registry.js';
import { rawDataSignature, sealData } from './session-crypto.js';
import type { Account, Person, World } from './state.js';

const PEOPLE_SHOWN = 50;
const MOST_TEMPLATES = 3;
const SECOND = 1000;

/** Answers `/phone/wx/<name>`; `name` is what follows. */
export async function handleWx(world: World, request: Request, name: string): Promise<Answer> {
  const read = request.method === 'GET' && Object.hasOwn(reads, name) ? reads[name] : undefined;
  if (read !== undefined) return read(world, request.query);
  const act = request.method === 'POST' && Object.hasOwn(acts, name) ? acts[name] : undefined;
  if (act === undefined) return problem(404, 'route.unknown', 'the client has no such call');
  if (!request.contentType.startsWith('application/json')) return problem(415, 'body.type', 'send application/json');
  try {
    return await act(world, JSON.parse(request.raw.toString('utf8')));
  } catch (error) {
    if (error instanceof z.ZodError) return invalid(error);
    if (error instanceof SyntaxError) return problem(400, 'body.notJson', 'the body is not JSON');
    throw error;
  }
}

const reads: Record<string, (world: World, query: URLSearchParams) => Answer> = {
  app: (world, query) => {
    const account = miniProgram(world, query.get('appId') ?? undefined);
    return account === undefined ? noApp() : json(200, describeAccount(account));
  },
  people: (world, query) => {
    const account = miniProgram(world, query.get('appId') ?? undefined);
    if (account === undefined) return noApp();
    const search = (query.get('search') ?? '').toLowerCase();
    const found = [...world.people.values()].filter((each) => each.name.toLowerCase().includes(search));
    const items = found.slice(0, PEOPLE_SHOWN).map((each) => choice(each, account));
    return json(200, { appId: account.appId, items: items.filter((each) => each.openid !== undefined) });
  },
};

const noApp = () => problem(404, 'account.unknown', 'no mini-program has this appId');

function choice(person: Person, account: Account) {
  const relation = person.relations.get(account.appId) ?? [...person.relations.values()][0];
  return { name: person.name, openid: relation?.openid, hasPhone: person.phone !== undefined };
}

type WxAct = (world: World, body: unknown) => Answer | Promise<Answer>;

/** A refusal as `fail` of the call gets it: the text in `errMsg`, for the subscription dialog with its number. */
function fails(call: string, refusal: { status: number; code: string; detail: string; errCode?: number }): Answer {
  const { status, code, detail, errCode } = refusal;
  const numbered = errCode === undefined ? {} : { errCode };
  const body = { type: 'about:blank', title: code, status, code, detail, errors: [] };
  return json(
    status,
    { ...body, errMsg: `${call}:fail ${detail}`, ...numbered },
    'application/problem+json; charset=utf-8',
  );
}

/** A call of the client: its body, the person at the mini-program, then its answer under the name that `wx` gives it. */
function client<I extends { openid: string; appId?: string | undefined }>(
  schema: z.ZodType<I>,
  call: string,
  run: (actor: Actor, input: I) => Answer | Promise<Answer>,
): WxAct {
  return (world, body) => {
    const input = schema.parse(body);
    const relation = world.byOpenid.get(input.openid);
    if (relation === undefined)
      return fails(call, { status: 404, code: 'person.unknown', detail: 'nobody has this openid' });
    const actor = miniActor(world, relation, input.appId);
    return 'refused' in actor ? fails(call, actor.refused) : run(actor, input);
  };
}

const acts: Record<string, WxAct> = {
  logincode: client(WxInput.code, 'login', (actor) => json(200, { errMsg: 'login:ok', ...loginCode(actor) })),
  phonecode: client(WxInput.code, 'getPhoneNumber', givePhone),
  phone: client(WxInput.phone, 'phone', bindPhone),
  subscribe: client(WxInput.subscribe, 'requestSubscribeMessage', subscribe),
  contact: client(WxInput.contact, 'contact', async (actor, { sessionFrom }) => {
    return json(200, { openid: actor.relation.openid, ...(await enterChat(actor, sessionFrom)) });
  }),
  userinfo: client(WxInput.code, 'getUserInfo', userInfo),
};

function givePhone(actor: Actor): Answer {
  const given = phoneCode(actor);
  if ('refused' in given) return fails('getPhoneNumber', given.refused);
  const phone = personOf(actor)?.phone ?? '';
  const sealed = seal(actor, phoneInfo(actor.world, actor.account, phone));
  return json(200, { errMsg: 'getPhoneNumber:ok', ...given, ...sealed });
}

/** The old way beside the code: the same facts under the session key, when there is one. */
function seal({ relation }: Actor, facts: unknown): { encryptedData: string; iv: string } | Record<string, never> {
  if (relation.session === undefined) return {};
  const iv = randomBytes(16).toString('base64');
  return { encryptedData: sealData({ sessionKey: relation.session.key, iv, text: JSON.stringify(facts) }), iv };
}

function personOf({ world, relation }: Actor): Person | undefined {
  return world.people.get(relation.personId);
}

function bindPhone(actor: Actor, { phone }: { phone: string }): Answer {
  const person = personOf(actor);
  if (person?.phone !== undefined)
    return fails('phone', { status: 409, code: 'phone.set', detail: 'there is a phone' });
  if (person !== undefined) person.phone = phone;
  actor.world.changed({ type: 'people' });
  return json(200, { phone });
}

async function subscribe(actor: Actor, { answers }: z.infer<typeof WxInput.subscribe>): Promise<Answer> {
  const failed = (code: string, errCode: number, detail: string) =>
    fails('requestSubscribeMessage', { status: 409, code, detail, errCode });
  if (answers.length > MOST_TEMPLATES) return failed('template.tooMany', 20003, 'Templates count out of max bounds');
  if (actor.relation.blocked) return failed('notices.off', 20004, 'The main switch is switched off');
  const consented = await answerDialog(actor, answers);
  if (!consented.ok) return failed(consented.code, 20001, 'No template data return, verify the template id exist');
  return json(200, { errMsg: 'requestSubscribeMessage:ok', ...consented.answers });
}

/** Name and picture are the same for everybody since the platform stopped giving them away. */
function userInfo(actor: Actor): Answer {
  const { world, account, relation } = actor;
  const key = relation.session?.key;
  if (key === undefined) return fails('getUserInfo', { status: 409, code: 'session.none', detail: 'log in first' });
  const shown = { nickName: '微信用户', gender: 0, language: '', city: '', province: '', country: '', avatarUrl: '' };
  const rawData = JSON.stringify(shown);
  const watermark = { timestamp: Math.floor(world.clock.now() / SECOND), appid: account.appId };
  const sealed = seal(actor, { openId: relation.openid, ...shown, watermark });
  const signature = rawDataSignature(key, rawData);
  return json(200, { errMsg: 'getUserInfo:ok', userInfo: shown, rawData, signature, ...sealed });
}
