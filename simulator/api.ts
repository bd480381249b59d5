/**
 * The door of the platform API: finds the route, proves the token, applies faults, writes the call list, and turns
 * failures into HTTP 200 with `errcode` (docs/wechat.md 0.2). The rules themselves are in the files per topic.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Binary, type AccountCall, type ApiCall } from './call.js';
import { sendCustomerMessage, typing } from './customer-message.js';
import { PlatformError, failure } from './errors.js';
import { takeFault, type Fault } from './faults.js';
import { json, type Answer, type Request } from './http.js';
import { getMass, previewMass, sendAll, sendMass } from './mass.js';
import { downloadMedia, serveFile, uploadMedia } from './media.js';
import { checkSession, codeToSession, phoneNumber, resetSession } from './login.js';
import { createMenu, deleteMenu, getMenu } from './menu.js';
import { unlimitedCode } from './mini-code.js';
import { sendBizNotice, sendNotice } from './notice.js';
import { createCode, showCode } from './qrcode.js';
import { callbackIps, clearQuota } from './quota.js';
import type { AccountKind, World } from './state.js';
import { sendTemplate } from './template.js';
import { checkUserText } from './text-check.js';
import { accountOfToken, countDaily, issueStableToken, issueToken } from './tokens.js';
import { batchGetUsers, getUser, listFollowers } from './users.js';

type Route = { method: 'GET' | 'POST' | 'ANY' } & (
  | { open: (call: ApiCall) => unknown }
  /** `only`: the kind of account that has this call; the other is answered 48001. */
  | { run: (call: AccountCall) => unknown; only?: AccountKind }
);

const official = 'official-account';
const mini = 'mini-program';

const routes: Record<string, Route> = {
  '/cgi-bin/token': { method: 'ANY', open: issueToken },
  '/cgi-bin/stable_token': { method: 'POST', open: issueStableToken },
  '/cgi-bin/showqrcode': { method: 'GET', open: showCode },
  '/sim-media': { method: 'GET', open: serveFile },
  '/cgi-bin/message/custom/send': { method: 'POST', run: sendCustomerMessage },
  '/cgi-bin/message/custom/typing': { method: 'POST', run: typing },
  '/cgi-bin/user/info': { method: 'GET', run: getUser, only: official },
  '/cgi-bin/user/info/batchget': { method: 'POST', run: batchGetUsers, only: official },
  '/cgi-bin/user/get': { method: 'GET', run: listFollowers, only: official },
  '/cgi-bin/media/upload': { method: 'POST', run: uploadMedia },
  '/cgi-bin/media/get': { method: 'GET', run: downloadMedia },
  '/cgi-bin/qrcode/create': { method: 'POST', run: createCode, only: official },
  '/cgi-bin/menu/create': { method: 'POST', run: createMenu, only: official },
  '/cgi-bin/menu/get': { method: 'GET', run: getMenu, only: official },
  '/cgi-bin/menu/delete': { method: 'GET', run: deleteMenu, only: official },
  '/cgi-bin/message/template/send': { method: 'POST', run: sendTemplate, only: official },
  '/cgi-bin/message/subscribe/bizsend': { method: 'POST', run: sendBizNotice, only: official },
  '/cgi-bin/message/mass/send': { method: 'POST', run: sendMass, only: official },
  '/cgi-bin/message/mass/sendall': { method: 'POST', run: sendAll, only: official },
  '/cgi-bin/message/mass/get': { method: 'POST', run: getMass, only: official },
  '/cgi-bin/message/mass/preview': { method: 'POST', run: previewMass, only: official },
  '/sns/jscode2session': { method: 'GET', open: codeToSession },
  '/wxa/checksession': { method: 'GET', run: checkSession, only: mini },
  '/wxa/resetusersessionkey': { method: 'GET', run: resetSession, only: mini },
  '/wxa/business/getuserphonenumber': { method: 'POST', run: phoneNumber, only: mini },
  '/cgi-bin/message/subscribe/send': { method: 'POST', run: sendNotice, only: mini },
  '/wxa/getwxacodeunlimit': { method: 'POST', run: unlimitedCode, only: mini },
  '/wxa/msg_sec_check': { method: 'POST', run: checkUserText, only: mini },
  '/cgi-bin/clear_quota': { method: 'POST', run: clearQuota },
  '/cgi-bin/getcallbackip': { method: 'GET', run: callbackIps },
};

/** Answers one request to the platform API; `drop` tells the server to destroy the connection. */
export async function handleApi(world: World, request: Request): Promise<Answer | 'drop'> {
  const at = new Date(world.clock.now()).toISOString();
  const fault = takeFault(world.faults, request.path);
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
  const reply = fault?.drop === 'before' ? 'drop' : withFault(world, request, fault);
  const settled = await reply;
  const dropped = settled === 'drop' || fault?.drop === 'after';
  world.record({
    at,
    method: request.method,
    path: request.path,
    query: shownQuery(request.query),
    body: readable(request),
    status: dropped ? 0 : settled.status,
    answer: settled === 'drop' ? null : shownAnswer(settled),
  });
  return dropped ? 'drop' : settled;
}

async function withFault(world: World, request: Request, fault: Fault | undefined): Promise<Answer> {
  const spoils = fault !== undefined && (fault.errcode ?? fault.body ?? fault.status) !== undefined;
  if (!spoils) return run(world, request);
  const real = fault.effect || fault.drop === 'after' ? await run(world, request) : undefined;
  if (fault.body !== undefined) {
    return { status: fault.status ?? 200, contentType: 'text/plain', body: fault.body };
  }
  if (fault.errcode !== undefined) {
    return json(fault.status ?? 200, failure(new PlatformError(fault.errcode, fault.errmsg)));
  }
  return { ...(real ?? json(200, {})), status: fault.status ?? 200 };
}

async function run(world: World, request: Request): Promise<Answer> {
  try {
    const result: unknown = await dispatch(world, request);
    if (result instanceof Binary) {
      return { status: result.status, contentType: result.contentType, body: result.bytes };
    }
    return json(200, result);
  } catch (error) {
    if (error instanceof PlatformError) return json(200, failure(error));
    throw error;
  }
}

function dispatch(world: World, request: Request): unknown {
  const route = routes[request.path.startsWith('/sim-media/') ? '/sim-media' : request.path];
  if (route === undefined) throw new PlatformError(40066);
  if (route.method === 'POST' && request.method !== 'POST') throw new PlatformError(43002);
  if (route.method === 'GET' && request.method !== 'GET') throw new PlatformError(43001);
  const call: ApiCall = { world, ...request, body: () => parseJson(request.raw) };
  if ('open' in route) return route.open(call);
  const account = accountOfToken(world, request.query.get('access_token'));
  if (route.only !== undefined && route.only !== account.kind) throw new PlatformError(48001);
  if (request.path !== '/cgi-bin/clear_quota') countDaily(world, account, request.path);
  return route.run({ ...call, account });
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8')) as unknown;
  } catch {
    throw new PlatformError(47001);
  }
}

/** Tokens and secrets are shortened: the call list is shown to people. */
function shownQuery(query: URLSearchParams): Record<string, string> {
  const hidden = new Set(['access_token', 'secret']);
  return Object.fromEntries([...query].map(([key, value]) => [key, hidden.has(key) ? `${value.slice(0, 6)}…` : value]));
}

function readable(request: Request): unknown {
  if (request.raw.length === 0) return null;
  if (request.contentType.startsWith('multipart/')) return { bytes: request.raw.length };
  try {
    return JSON.parse(request.raw.toString('utf8')) as unknown;
  } catch {
    return request.raw.toString('utf8').slice(0, 2000);
  }
}

function shownAnswer(answer: Answer): unknown {
  if (typeof answer.body !== 'string') return { contentType: answer.contentType, bytes: answer.body.length };
  try {
    return JSON.parse(answer.body) as unknown;
  } catch {
    return answer.body.slice(0, 2000);
  }
}
