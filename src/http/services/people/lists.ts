/** What the routes of static lists mean. */
import type * as c from '../../../contracts/index.js';
import type { ListRecord, Segments } from '../../../domain/segments/index.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { Actor } from '../../ports.js';
import type { ListsPort } from '../../ports-people.js';
import { createChange } from '../console/acting.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import { behindOf, refuseFields, toPeople } from './rows.js';

export interface ListsServiceParts {
  act: Act;
  clock: Clock;
  segments: Pick<Segments, 'lists'>;
}

export function createListsService({ act, clock, segments: { lists } }: ListsServiceParts): ListsPort {
  const change = createChange(act);
  const byWhom = (by: Actor) => ({ staffId: by.staffId, at: clock.now() });

  async function present({ _id, name, note, changedAt }: ListRecord): Promise<c.ListView> {
    const id = String(_id);
    return { id, name, note, people: await lists.size(id), changedAt: changedAt.toISOString() };
  }

  async function put(id: string | null, body: { name: string; note: string }, by: Actor): Promise<c.ListView> {
    const list = await change(by, async (tx) => {
      const done = await lists.put(tx, id, body, byWhom(by));
      return { events: done.events, result: done.list };
    });
    return present(list);
  }

  /** Who is on both goes off. All of it, or nothing where somebody is unknown. */
  const changePeople: ListsPort['changePeople'] = async (id, { add, remove }, by) => {
    await change(by, async (tx) => {
      const added = await lists.addPeople(tx, id, add, byWhom(by));
      const removed = await lists.removePeople(tx, id, remove, byWhom(by));
      refuseFields([...unknown('add', add, added.unknown), ...unknown('remove', remove, removed.unknown)]);
      return { events: [...added.events, ...removed.events], result: undefined };
    });
    return present(await lists.get(id));
  };

  return {
    list: async ({ limit, cursor }) => {
      const found = await lists.list({ limit: limit + 1, after: positionOf(cursor) });
      const views = new Map(await Promise.all(found.map(async (one) => [one, await present(one)] as const)));
      const shown = found.flatMap((one) => views.get(one) ?? []);
      return toPage(
        shown,
        limit,
        (view) => view,
        ({ changedAt, id }) => cursorOf(new Date(changedAt), id),
      );
    },
    add: (body, by) => put(null, body, by),
    put: (id, body, by) => put(id, body, by),
    people: async (id, { limit, cursor }) => {
      await lists.get(id);
      return toPeople(await lists.page(id, { limit: limit + 1, after: behindOf(cursor) }), limit);
    },
    changePeople,
  };
}

function unknown(field: string, asked: readonly string[], missing: readonly string[]): c.FieldProblem[] {
  const gone = new Set(missing);
  return asked.flatMap((id, i) =>
    gone.has(id) ? [{ path: `${field}.${i}`, code: 'unknown', message: `there is no customer ${id}` }] : [],
  );
}
