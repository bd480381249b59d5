/** What every step of the check has at hand: people with phones, staff with sessions, and patience with a deadline. Reads nothing but public answers. */
import { randomInt } from 'node:crypto';
import type { z } from 'zod';
import type { ChatMessage, Conversation, PutStrategy } from '../../src/contracts/index.js';
import { ACCOUNT_ID } from '../account.js';
import type { Login } from '../logins.js';
import { SEND } from '../sim-client.js';
import type { Call, Received } from '../sim-client.js';
import type { Stage } from '../stage.js';
import type { BotHost } from './bot-host.js';
import { StepFailed, expect, until } from './judge.js';
import { signInMember } from './member.js';
import { openSession } from './session.js';
import type { Answer, Session } from './session.js';
import { createShopClient } from './shop.js';
import type { Coupons, ShopKey } from '../service.js';

export interface Person {
  /** At the official account. */
  openid: string;
  unionid: string;
  /** The same person's openid at the mini-program. */
  mini: string;
  phone: string;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

interface CustomerView {
  id: string;
  nickname: string | null;
  identities: Array<{ user: string; unionid: string | null; following: boolean; scene: string | null }>;
  conversationIds: string[];
}

/** What the shop's own system has. */
export interface Shop {
  key: ShopKey;
  coupons: Coupons;
}

const TEN_MINUTES_MS = 600_000;

export type Lab = ReturnType<typeof createLab>;
export type StrategyBody = z.infer<typeof PutStrategy>;

export function createLab(
  stage: Stage,
  staff: { agent: Login; marketer: Login; admin: Login },
  shop: Shop,
  { saw, bot }: { saw: (what: string) => void; bot?: BotHost | undefined },
) {
  const { sim, accounts, front } = stage;
  const sessions = new Map<string, Promise<Session>>();
  let people = 0;
  let replies = 0;

  /** Signs in once a role. */
  const as = (role: keyof typeof staff): Promise<Session> => {
    const open = sessions.get(role) ?? openSession(front.port, staff[role]);
    sessions.set(role, open);
    return open;
  };

  /** A person whom nobody knows yet. Both ends of the openid differ from person to person: they are what staff see of it. */
  async function person(name: string): Promise<Person> {
    people += 1;
    const tail = `${String(people).padStart(2, '0')}${letters(2)}`;
    const openid = `o${letters(23)}${tail}`;
    const unionid = `oU${letters(22)}${tail}`;
    const mini = `oM${letters(22)}${tail}`;
    const phone = `198${String(randomInt(100_000_000)).padStart(8, '0')}`;
    const openids = { [accounts.official.appId]: openid, [accounts.mini.appId]: mini };
    await sim.addPerson({ name, unionid, phone, openids });
    return { openid, unionid, mini, phone };
  }

  async function follower(name: string, scene?: string): Promise<Person> {
    const made = await person(name);
    await sim.follow(made.openid, scene);
    return made;
  }

  async function customerOf({ openid }: Pick<Person, 'openid'>): Promise<CustomerView> {
    const shown = `${openid.slice(0, 4)}…${openid.slice(-4)}`;
    const agent = await as('agent');
    return until(`a customer ${shown} in the console`, async () => {
      const page = await agent.get<Page<{ id: string }>>('/customers?limit=100');
      for (const { id } of page.items) {
        const customer = await agent.get<CustomerView>(`/customers/${id}`);
        if (customer.identities.some(({ user }) => user === shown)) return customer;
      }
      return undefined;
    });
  }

  async function conversationOf(who: Person): Promise<string> {
    const { conversationIds } = await customerOf(who);
    const [id] = conversationIds;
    if (id === undefined) throw new StepFailed('the customer has no conversation');
    return id;
  }

  const conversation = async (id: string): Promise<Conversation> => (await as('agent')).get(`/conversations/${id}`);

  /** Oldest first. */
  async function messages(id: string): Promise<ChatMessage[]> {
    const page = await (await as('agent')).get<Page<ChatMessage>>(`/conversations/${id}/messages?limit=100`);
    return page.items.toReversed();
  }

  /** Until the customer's text stands in the conversation. */
  const arrived = (id: string, text: string): Promise<ChatMessage> =>
    until(`“${text}” in the conversation`, async () =>
      (await messages(id)).find((one) => one.direction === 'in' && textOf(one) === text),
    );

  async function reply(id: string, text: string): Promise<Answer> {
    replies += 1;
    const clientId = `check-${String(process.pid)}-${String(replies)}`;
    return (await as('agent')).send('POST', `/conversations/${id}/replies`, {
      clientId,
      content: { type: 'text', text },
    });
  }

  /** The reply's own message once its state is one of these. */
  const settled = (id: string, text: string, states: readonly ChatMessage['state'][]): Promise<ChatMessage> =>
    until(`“${text}” ${states.join(' or ')}`, async () =>
      (await messages(id)).find((one) => one.direction === 'out' && textOf(one) === text && states.includes(one.state)),
    );

  async function claim(id: string): Promise<void> {
    const answer = await (await as('agent')).send('POST', `/conversations/${id}/claim`);
    expect(answer.status === 200, `claiming answers 200, not ${answer.about}`);
  }

  const textsOn = async ({ openid }: Person): Promise<string[]> =>
    (await sim.received(openid)).map((one) =>
      typeof one.content === 'string' ? one.content : JSON.stringify(one.content),
    );

  /** Until the text is on the phone; then it must be there once. */
  async function onPhoneOnce(who: Person, text: string): Promise<Received> {
    const found = await until(`“${text}” on the phone`, async () =>
      (await sim.received(who.openid)).find((one) => one.content === text),
    );
    const times = (await textsOn(who)).filter((one) => one === text).length;
    expect(times === 1, `“${text}” is on the phone once, not ${String(times)} times`);
    return found;
  }

  /** The sends to this person in the platform's own list of calls. */
  async function sendsTo({ openid }: Person): Promise<Array<Call & { text: string; errcode: number | null }>> {
    const calls = await sim.calls(SEND);
    return calls
      .filter((call) => (call.body as { touser?: string } | null)?.touser === openid)
      .map((call) => ({ ...call, text: sentText(call.body), errcode: errcodeOf(call.answer) }));
  }

  async function putStrategy(code: string, body: StrategyBody): Promise<void> {
    const answer = await (await as('marketer')).send('PUT', `/strategies/${code}`, body);
    expect(answer.status === 200, `PUT strategies/${code} answers 200, not ${answer.about}`);
    // Rules are looked up at most a second old.
    const since = Date.now();
    await until('the rule in force', () => Promise.resolve(Date.now() - since > 1_100 || undefined));
  }

  /** Ten minutes ago: an order that begins then may live through all its stages by now. */
  const shopTime = async (): Promise<Date> => new Date(new Date((await sim.clock()).now).getTime() - TEN_MINUTES_MS);
  const secondNow = async (): Promise<number> => Math.floor(new Date((await sim.clock()).now).getTime() / 1000);

  return {
    ...{
      stage,
      shop,
      open: createShopClient(front.port, shop.key, async () => new Date((await sim.clock()).now)),
      member: (who: Person) => signInMember(front.port, sim, who),
      sim,
      accounts,
      accountId: ACCOUNT_ID,
      saw,
      bot,
      as,
      staff,
      person,
      follower,
      customerOf,
      conversationOf,
      conversation,
    },
    ...{ messages, arrived, reply, settled, claim, textsOn, onPhoneOnce, sendsTo, putStrategy, secondNow, shopTime },
  };
}

export const textOf = (message: ChatMessage): string => (message.content.type === 'text' ? message.content.text : '');

/** A rule that answers with texts. */
export function answerRule(title: string, trigger: StrategyBody['trigger'], texts: readonly string[]): StrategyBody {
  return {
    enabled: true,
    title: { 'zh-CN': title, en: title },
    priority: 500,
    trigger,
    actions: texts.map((text) => ({ code: 'reply', args: { content: { type: 'text', text } } })),
  };
}

function letters(length: number): string {
  const from = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from({ length }, () => from[randomInt(from.length)] ?? 'x').join('');
}

function sentText(body: unknown): string {
  const { text, msgmenu } = body as { text?: { content?: string }; msgmenu?: { head_content?: string } };
  return text?.content ?? msgmenu?.head_content ?? '';
}

function errcodeOf(answer: unknown): number | null {
  const code = (answer as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : null;
}
