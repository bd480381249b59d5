/** What the routes of the dashboard mean: its figures with the path of their rows, and those rows with names. */
import type { Types } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import { customerName } from '../../../domain/customers/index.js';
import type { CustomerReads } from '../../../domain/customers/index.js';
import type { CountedRow, Dashboard, RowPlace } from '../../../domain/insight/index.js';
import { notFound } from '../../../errors.js';
import type { Clock } from '../../../infra/clock.js';
import type { DashboardPort } from '../../ports-people.js';
import { cursorOf, hashId, positionOf } from '../cursor.js';

export interface DashboardServiceParts {
  clock: Clock;
  dashboard: Dashboard;
  customerReads: Pick<CustomerReads, 'getMany'>;
}

/** What of a row says more than its kind and time; never an address, a phone or what was written. */
const told = ['orderNo', 'title', 'source', 'amount', 'paid', 'purpose', 'route', 'reason', 'author', 'type', 'state'];

export function createDashboardService(parts: DashboardServiceParts): DashboardPort {
  const { clock, dashboard, customerReads } = parts;

  async function today(): ReturnType<DashboardPort['today']> {
    const now = clock.now();
    const { date, figures, hours, outcomes, groups } = await dashboard.today(now);
    return {
      ...{ at: now.toISOString(), date, hours, groups },
      figures: figures.map((figure) => ({ ...figure, rows: rowsPath(figure.code) })),
      outcomes: outcomes.map((one) => ({
        ...one,
        rows: `${rowsPath('outcomes')}?${new URLSearchParams({ state: one.state, reason: one.reason ?? '' }).toString()}`,
      })),
    };
  }

  const rows: DashboardPort['rows'] = async (code, { limit, cursor, state, reason }) => {
    const narrow = { state, ...(reason === undefined ? {} : { reason: reason || null }) };
    const found = await dashboard.rows(clock.now(), { code, narrow, limit, after: placeOf(cursor) });
    if (!found) throw notFound('figure');
    const ids = found.rows.flatMap((row) => customerOf(row) ?? []);
    const customers = await customerReads.getMany(ids);
    const names = new Map(customers.map((one) => [String(one._id), customerName(one)]));
    return {
      items: found.rows.map((row) => presentRow(row, names)),
      nextCursor: found.next ? cursorFor(found.next) : null,
    };
  };

  return { today, rows };
}

const rowsPath = (code: string): string => `dashboard/today/rows/${code}`;

function customerOf({ of, record }: CountedRow): Types.ObjectId | undefined {
  const own = of === 'portraits' ? (record['customerIds'] as Types.ObjectId[] | undefined)?.[0] : record['customerId'];
  return own as Types.ObjectId | undefined;
}

function presentRow(row: CountedRow, names: ReadonlyMap<string, string>): c.FigureRow {
  const { of, id, at, value, record } = row;
  const customerId = customerOf(row);
  const conversationId = of === 'conversations' ? id : record['conversationId'];
  const data = of === 'events' ? (record['data'] as Record<string, unknown>) : record;
  return {
    ...{ id, value, kind: typeof record['kind'] === 'string' ? record['kind'] : of },
    at: at?.toISOString() ?? null,
    customerId: customerId ? String(customerId) : null,
    name: customerId ? (names.get(String(customerId)) ?? customerName({ _id: customerId })) : null,
    conversationId: conversationId ? String(conversationId) : null,
    data: of === 'portraits' || of === 'conversations' ? {} : toldOf(data),
  };
}

const toldOf = (data: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(told.flatMap((name) => (data[name] ? [[name, data[name]]] : [])));

/** Which source goes first, then the place in it. */
const cursorFor = ({ source, at, id }: RowPlace): string => `${source}.${cursorOf(at, id)}`;

const rowId = new RegExp(`${hashId.source}|^[0-9a-f]{24}$`);

function placeOf(cursor: string | undefined): RowPlace | undefined {
  if (cursor === undefined) return undefined;
  const [, source, rest] = /^(\d)\.(.+)$/.exec(cursor) ?? [];
  const place = positionOf(rest ?? 'x', rowId);
  return place && { source: Number(source), ...place };
}
