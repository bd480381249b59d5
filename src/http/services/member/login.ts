/** Coming in: the client's one-time code becomes a person and a token of ours; the platform's session key stays in the channel. */
import { Types } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import type { Address, CallResult, Channel, NewDomainEvent, Strategy } from '../../../contracts/index.js';
import { RequestProblem } from '../../../errors.js';
import type { MemberPort } from '../../ports.js';
import type { MemberServiceParts } from './index.js';

type Login = Pick<MemberPort, 'who' | 'login' | 'texts' | 'logout'>;

export function createLogin(parts: MemberServiceParts): Login {
  const { act, clock, customers, sessions, miniProgram } = parts;

  async function login(body: c.MemberLogin, requestId: string): Promise<c.MemberSession> {
    const account = accountOf(miniProgram, body.account);
    const client = taken(await miniProgram?.capabilities.login?.(account, body.code));
    const address: Address = { channel: 'mini-program', account, user: client.user };
    let session: c.MemberSession | undefined;
    await act({
      cause: { door: 'member', requestId },
      change: async (tx) => {
        const at = clock.now();
        const met = await customers.meet(tx, address, at);
        await customers.markActive(tx, met, at);
        const linked = client.unionid
          ? await parts.identification.attachUnionid(tx, met.identity, client.unionid, at)
          : [];
        const { token, expiresAt } = await sessions.open(tx, { customerId: met.customerId, address }, at);
        const person = await parts.persons.of(tx, met.customerId);
        const { joinedAt } = await parts.profiles.read(person.customerIds, tx);
        session = { token, expiresAt: expiresAt.toISOString(), joined: joinedAt !== null };
        const about = { customerId: String(met.customerId), at };
        const scanned: NewDomainEvent[] = body.scene
          ? [{ kind: 'scene.scanned', ...about, data: { scene: body.scene, where: 'mini-program' } }]
          : [];
        return [...met.events, ...linked, ...scanned];
      },
    });
    if (!session) throw new Error('a login gave no session');
    return session;
  }

  /** The notices a member may ask for are those that the scenes' strategies send by this route. */
  async function texts(): Promise<c.MemberTexts> {
    const inForce = await parts.strategiesInForce();
    const notices = inForce.flatMap(({ trigger, actions }) =>
      oneTimeTemplates(actions, miniProgram).map((templateId) => ({ scene: trigger.code, templateId })),
    );
    return { ...parts.texts, notices };
  }

  return {
    login,
    texts,
    who: async (token) => {
      const found = await sessions.find(token, clock.now());
      return found && { customerId: String(found.customerId), address: found.address };
    },
    /** On every phone: who signs out of a member's card means all of it. */
    logout: ({ customerId }) => sessions.endAll(new Types.ObjectId(customerId)),
  };
}

/** Templates of one-time notices that these actions send by the accounts of this channel. */
export function oneTimeTemplates(
  actions: Strategy['actions'],
  channel: Pick<Channel, 'accounts'> | undefined,
): string[] {
  return actions.flatMap(({ args }) => {
    const { templates = [] } = (args ?? {}) as {
      templates?: Array<{ route: string; account: string; templateId: string }>;
    };
    return templates
      .filter(({ route, account }) => route === 'subscription-notice' && channel?.accounts.includes(account))
      .map(({ templateId }) => templateId);
  });
}

function accountOf(channel: MemberServiceParts['miniProgram'], named: string | undefined): string {
  const account = named ?? channel?.accounts[0];
  if (account !== undefined && channel?.accounts.includes(account)) return account;
  throw new RequestProblem(404, 'account.notFound', 'This installation has no such mini-program.');
}

const badCodes: ReadonlySet<string> = new Set(['code.invalid', 'code.used']);

/** The value of a call to the platform; its refusals as problems. */
export function taken<T>(answer: CallResult<T> | undefined): T {
  if (answer?.ok) return answer.value;
  const reason = answer?.reason ?? 'platform.unreachable';
  if (badCodes.has(reason)) {
    throw new RequestProblem(401, reason, 'The code is not good any more. Ask the client for a new one.');
  }
  if (reason.startsWith('person.')) throw new RequestProblem(403, reason, 'The platform refuses this person.');
  const retryAfterSeconds = Math.ceil((answer?.retryAfterMs ?? 5_000) / 1000);
  throw new RequestProblem(503, 'platform.unavailable', 'The platform does not answer now. Try again soon.', {
    retryAfterSeconds,
  });
}
