/** Puts an importer together from the parts of the product that it needs; the server and the operator's tool both do it by this. */
import { Types } from 'mongoose';
import type { ClientSession, Model } from 'mongoose';
import type { Cause, DomainEventKind, OrderFacts, Owed } from '../contracts/index.js';
import type { Clock } from '../infra/clock.js';
import { insertRecords } from '../infra/mongo.js';
import type { Database } from '../infra/mongo.js';
import { createHistory } from './history.js';
import type { HistoryParts } from './history.js';
import { importModels } from './models.js';
import type { ImportModels } from './models.js';
import type { LivePort, StoreEvents } from './ports.js';
import { createImporter } from './run.js';
import type { Importer, ImporterParts } from './run.js';

interface StoredOrder {
  source: string;
  orderNo: string;
  customerId: Types.ObjectId;
}

export interface OpenParts<Order extends StoredOrder> {
  database: Database;
  clock: Clock;
  /** For uploaded files and reports, such as `<data folder>/imports`. */
  folder: string;
  references: Pick<HistoryParts<Order>, 'resolveMany'>;
  persons: {
    ofMany(
      tx: ClientSession,
      customerIds: readonly Types.ObjectId[],
    ): Promise<ReadonlyMap<string, { customerIds: Types.ObjectId[] }>>;
  };
  profiles: {
    putMany(
      tx: ClientSession,
      rows: Parameters<HistoryParts<Order>['putProfiles']>[1],
      by: { kind: 'import'; id: string },
    ): ReturnType<HistoryParts<Order>['putProfiles']>;
  };
  commerce: Pick<HistoryParts<Order>, 'addHistory'> & { factsOf(order: Order): OrderFacts };
  membership: {
    growHistory(
      tx: ClientSession,
      items: ReadonlyArray<{ customerId: Types.ObjectId; facts: OrderFacts; person?: readonly Types.ObjectId[] }>,
      now: Date,
    ): Promise<Owed>;
  };
  writeFigures: {
    atOnce<T>(tx: ClientSession, work: () => Promise<T>): Promise<T>;
  };
  /** flow/due.ts */
  writeOwed(tx: ClientSession, owed: Pick<Owed, 'due' | 'cancel'>): Promise<void>;
  events: Model<StoredEvent>;
  /** Orders as the open API takes them. Absent: imports of the past only. Customers know no other way than the importer's own. */
  liveOrder?: LivePort['order'];
}

/** As flow keeps events. */
interface StoredEvent {
  _id: Types.ObjectId;
  kind: DomainEventKind;
  customerId?: Types.ObjectId;
  conversationId?: Types.ObjectId;
  at: Date;
  storedAt: Date;
  cause: Cause;
  data: Record<string, unknown>;
}

/** @returns the importer, what it is made of, and its models, whose indexes the caller makes at start. */
export function openImporter<Order extends StoredOrder>(
  parts: OpenParts<Order>,
): { importer: Importer; importerParts: ImporterParts; models: ImportModels } {
  const { database, clock, folder, commerce, persons, membership, profiles } = parts;
  const models = importModels(database.connection);
  const history = createHistory<Order>({
    resolveMany: parts.references.resolveMany,
    addHistory: commerce.addHistory,
    growHistory: async (tx, orders, alone, now) => {
      const asked = orders.map(({ customerId }) => customerId).filter((id) => !alone.has(String(id)));
      const known = asked.length > 0 ? await persons.ofMany(tx, distinct(asked)) : nobody;
      const items = orders.map((order) => {
        const person = known.get(String(order.customerId))?.customerIds;
        return { customerId: order.customerId, facts: commerce.factsOf(order), ...(person ? { person } : {}) };
      });
      return membership.growHistory(tx, items, now);
    },
    storeDue: parts.writeOwed,
    figuresAtOnce: (tx, work) => parts.writeFigures.atOnce(tx, work),
    putProfiles: (tx, rows, source) => profiles.putMany(tx, rows, { kind: 'import', id: source }),
  });
  const storeEvents = createStoreEvents(parts.events, database);
  const { liveOrder } = parts;
  const live = liveOrder && { order: liveOrder };
  const importerParts = { database, clock, models, history, storeEvents, folder, ...(live ? { live } : {}) };
  return { importer: createImporter(importerParts), importerParts, models };
}

const nobody: ReadonlyMap<string, { customerIds: Types.ObjectId[] }> = new Map();

function distinct(ids: readonly Types.ObjectId[]): Types.ObjectId[] {
  return [...new Map(ids.map((id) => [String(id), id])).values()];
}

/** Keeps what happened, beside what caused it, inside the transaction. */
export function createStoreEvents(model: Model<StoredEvent>, database: Pick<Database, 'now'>): StoreEvents {
  return async (tx, events, cause) => {
    const storedAt = database.now();
    const records = events.map((event): StoredEvent => ({
      _id: new Types.ObjectId(),
      kind: event.kind,
      ...(event.customerId ? { customerId: new Types.ObjectId(event.customerId) } : {}),
      at: event.at,
      storedAt,
      cause,
      data: { ...event.data },
    }));
    await insertRecords(model, records, tx);
  };
}
