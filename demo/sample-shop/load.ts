/** Writes the planned shop through the product's own bulk importers, in batches of one transaction each. */
import type { Types } from 'mongoose';
import type { App } from '../../src/app.js';
import type { StaffRole } from '../../src/contracts/index.js';
import { createQuotaLedger } from '../../src/domain/contact/index.js';
import type { QuotaRecord } from '../../src/domain/contact/index.js';
import { createConversationBulk } from '../../src/domain/conversations/index.js';
import type { ConversationRecord, ImportedConversation, MessageRecord } from '../../src/domain/conversations/index.js';
import { createCustomerBulk } from '../../src/domain/customers/index.js';
import type { CustomerRecord, IdentityRecord, ImportedCustomer } from '../../src/domain/customers/index.js';
import type { SceneRecord } from '../../src/domain/marketing/index.js';
import { creditRules } from '../../src/quota-rules.js';
import { ACCOUNT_ID, CHANNEL } from '../account.js';
import { colleague, logins } from '../logins.js';
import { goods } from './goods.js';
import type { PlannedCustomer, PlannedLine, ShopPlan } from './plan.js';
import { scenes } from './scenes.js';

const BATCH = 100;
const WINDOW_MS = 48 * 3_600_000;

interface Actor {
  staffId: string;
  name: string;
  role: StaffRole;
  requestId: string;
}

/** The staff by account name, and the marketer, who sets the rules. */
export interface LoadedStaff {
  byAccount: ReadonlyMap<string, Actor>;
  marketer: Actor;
}

export const models = ({ database: { connection } }: App) => ({
  customers: connection.model<CustomerRecord>('Customer'),
  identities: connection.model<IdentityRecord>('Identity'),
  conversations: connection.model<ConversationRecord>('Conversation'),
  messages: connection.model<MessageRecord>('Message'),
  scenes: connection.model<SceneRecord>('Scene'),
  quotas: connection.model<QuotaRecord>('Quota'),
});

const addressOf = (customer: PlannedCustomer) =>
  ({ channel: CHANNEL, account: ACCOUNT_ID, user: customer.openid }) as const;

export async function loadStaff(app: App): Promise<LoadedStaff> {
  const byAccount = new Map<string, Actor>();
  for (const { account, name, role, password } of [...logins, colleague]) {
    const { id } = await app.staff.addStaff({ account, name, role, password });
    byAccount.set(account, { staffId: id, name, role, requestId: 'sample-shop' });
  }
  const marketer = [...byAccount.values()].find(({ role }) => role === 'marketer');
  if (!marketer) throw new Error('the sample logins have no marketer');
  return { byAccount, marketer };
}

/** The codes are made at the platform as staff would make them; how many came is counted from the plan. */
export async function loadScenes(app: App, plan: ShopPlan, { marketer }: LoadedStaff): Promise<void> {
  for (const { scene, name } of scenes) {
    const added = await app.ports.scenes.add({ account: ACCOUNT_ID, scene, name }, marketer);
    await app.ports.scenes.image(added.id);
    const follows = plan.customers.filter((customer) => customer.scene === scene).length;
    await models(app).scenes.updateOne(
      { account: ACCOUNT_ID, scene },
      { $set: { follows, scans: Math.round(follows / 4) } },
    );
  }
}

/** What the shop sells. */
export async function loadGoods(app: App, at: Date): Promise<void> {
  await app.act({
    cause: { door: 'import', importId: 'sample-shop' },
    change: async (tx) => {
      const events = [];
      for (const good of goods) {
        const put = await app.domain.commerce.putProduct(tx, { ...good, status: 'on' }, at);
        events.push(...put.events);
      }
      return events;
    },
  });
}

interface Load {
  plan: ShopPlan;
  staff: LoadedStaff;
  channel: typeof CHANNEL;
}

/** The customer records in the order of the plan. */
export async function loadPeople(
  app: App,
  { plan, staff }: Load,
  onDone: (customers: number) => void,
): Promise<Types.ObjectId[]> {
  const ids: Types.ObjectId[] = [];
  const customers = createCustomerBulk(models(app));
  const conversations = createConversationBulk(models(app));
  for (let start = 0; start < plan.customers.length; start += BATCH) {
    const batch = plan.customers.slice(start, start + BATCH);
    let written: readonly Types.ObjectId[] = [];
    await app.act({
      cause: { door: 'import', importId: 'sample-shop' },
      change: async (tx) => {
        const added = await customers.add(tx, batch.map(toCustomer));
        written = added.ids;
        const talks = batch.flatMap((customer, index) => toConversation(customer, added.ids[index], staff));
        const said = talks.length > 0 ? await conversations.add(tx, talks) : { events: [] };
        return [...added.events, ...said.events];
      },
    });
    ids.push(...written);
    onDone(batch.length);
  }
  return ids;
}

function toCustomer(customer: PlannedCustomer): ImportedCustomer {
  const { nickname, remark, followedAt, unfollowedAt, scene, followUp, followUpNote, unionid, lines } = customer;
  const lastSeenAt = lines.findLast(({ from }) => from === 'customer')?.at ?? unfollowedAt ?? followedAt;
  const times = { createdAt: followedAt, followedAt, lastSeenAt, unfollowedAt };
  return { address: addressOf(customer), nickname, remark, followUp, followUpNote, unionid, scene, ...times };
}

function toConversation(
  customer: PlannedCustomer,
  customerId: ImportedConversation['customerId'] | undefined,
  staff: LoadedStaff,
): ImportedConversation[] {
  if (customer.lines.length === 0 || !customerId) return [];
  const holder = customer.servedBy === undefined ? undefined : staff.byAccount.get(customer.servedBy);
  const name = customer.remark ?? customer.nickname ?? customer.name;
  const messages = customer.lines.map((line) => ({
    author: authorOf(line, name, staff),
    ...(line.from === 'note' ? { note: true } : {}),
    content: { type: 'text' as const, text: line.text },
    at: line.at,
  }));
  const assignee = holder && { id: holder.staffId, name: holder.name };
  return [{ customerId, address: addressOf(customer), status: customer.status, assignee, messages }];
}

function authorOf(line: PlannedLine, customerName: string, staff: LoadedStaff): MessageRecord['author'] {
  if (line.from === 'customer') return { kind: 'customer', name: customerName };
  const member = staff.byAccount.get(line.by ?? '');
  if (!member) throw new Error(`nobody of the staff is called ${line.by ?? 'nothing'}`);
  return { kind: 'staff', id: member.staffId, name: member.name };
}

/** Opens the windows of those who wrote within 48 hours, and counts off what the staff has answered since. */
export async function loadCredits(app: App, plan: ShopPlan, now: Date): Promise<void> {
  const ledger = createQuotaLedger(models(app).quotas, creditRules(app.config));
  for (const customer of plan.customers) {
    const lately = customer.lines.filter(
      (line) => line.at.getTime() > now.getTime() - WINDOW_MS && line.from !== 'note',
    );
    if (!lately.some(({ from }) => from === 'customer')) continue;
    await app.database.transaction(async (tx) => {
      for (const { from, at } of lately) {
        if (from === 'customer') await ledger.open(tx, addressOf(customer), 'message', at);
        else await ledger.take(tx, addressOf(customer), 'staff', at);
      }
    });
  }
}
