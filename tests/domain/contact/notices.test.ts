/** The ledger of one-time notices in a real database: idempotent, exact under concurrency, an index for every query. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from 'mongoose';
import type { Address } from '../../../src/contracts/index.js';
import { createNoticeLedger } from '../../../src/domain/contact/notices.js';
import type { NoticeLedger } from '../../../src/domain/contact/notices.js';
import { noticeModel } from '../../../src/domain/contact/notices-model.js';
import type { NoticeRecord } from '../../../src/domain/contact/notices-model.js';
import { createLogger } from '../../../src/infra/logger.js';
import { openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';

let folder: string;
let database: Database;
let model: Model<NoticeRecord>;
let notices: NoticeLedger;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notices-'));
  database = await openDatabase({ dataDir: folder, log: createLogger({ level: 'silent' }) });
  model = noticeModel(database.connection);
  await model.createCollection();
  await model.createIndexes();
  notices = createNoticeLedger(model);
}, 60_000);
afterAll(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (seconds: number): Date => new Date(Date.parse('2026-03-01T02:00:00Z') + seconds * 1000);
let people = 0;
const somebody = (): Address => ({ channel: 'mini-program', account: 'mini', user: `o${(people += 1)}` });
const report = (who: Address, reportId: string, answers: Record<string, string>, when = at(0)) =>
  database.transaction((tx) =>
    notices.report(tx, who, {
      reportId,
      at: when,
      answers: Object.entries(answers).map(([templateId, answer]) => ({ templateId, answer })),
    }),
  );
const push = (
  who: Address,
  key: string,
  answers: Record<string, boolean>,
  { when = at(0), where = 'popup' as 'popup' | 'settings' } = {},
) =>
  database.transaction((tx) =>
    notices.pushed(tx, who, {
      key,
      at: when,
      where,
      answers: Object.entries(answers).map(([templateId, accepted]) => ({ templateId, accepted })),
    }),
  );
const take = (who: Address, templateId = 'dispatch') =>
  database.transaction((tx) => notices.take(tx, who, templateId, at(60)));

describe('telling', () => {
  it('a report grants every kind of acceptance, and once', async () => {
    const who = somebody();
    const answers = { dispatch: 'accept', points: 'acceptWithAudio', level: 'reject', chase: 'ban', care: 'filter' };
    const told = await report(who, 'report-1', answers);
    expect({ ...told, granted: told.granted.sort(), refused: told.refused.sort() }).toEqual({
      granted: ['dispatch', 'points'],
      refused: ['care', 'chase', 'level'],
      repeated: false,
    });
    expect(await report(who, 'report-1', answers)).toEqual({ granted: [], refused: [], repeated: true });
    const left = await notices.leftOf([who], ['dispatch', 'points', 'level', 'chase', 'care', 'other']);
    expect(left.map(({ templateId, left: count }) => [templateId, count]).sort()).toEqual([
      ['dispatch', 1],
      ['points', 1],
    ]);
  });

  it('the push of the same tap grants nothing more, in either order', async () => {
    const [one, other] = [somebody(), somebody()];
    await report(one, 'report-1', { dispatch: 'accept' }, at(2));
    expect(await push(one, 'push-1', { dispatch: true })).toMatchObject({ granted: [], repeated: false });
    await push(other, 'push-1', { dispatch: true });
    expect(await report(other, 'report-1', { dispatch: 'accept' }, at(2))).toMatchObject({ granted: [] });
    expect([await notices.left(one, 'dispatch'), await notices.left(other, 'dispatch')]).toEqual([1, 1]);
  });

  it('people and templates are apart, also where one name begins with another', async () => {
    const [who, namesake] = [somebody(), somebody()];
    await report(who, 'report-1', { 'a b': 'accept', a: 'accept' });
    expect(await notices.left(who, 'a b')).toBe(1);
    expect(await notices.left({ ...who, user: `${who.user} a` }, 'b')).toBe(0);
    expect(await notices.left(namesake, 'a')).toBe(0);
    expect((await model.find({ address: `mini-program/mini/${who.user}` }).lean()).length).toBe(2);
  });

  it('a refusal in the settings ends what is left; told again it changes nothing', async () => {
    const who = somebody();
    await report(who, 'report-1', { dispatch: 'accept', points: 'accept' });
    const settings = { when: at(600), where: 'settings' as const };
    expect(await push(who, 'push-1', { dispatch: false }, settings)).toEqual({
      granted: [],
      refused: ['dispatch'],
      repeated: false,
    });
    expect(await push(who, 'push-1', { dispatch: false }, settings)).toMatchObject({ repeated: true });
    expect([await notices.left(who, 'dispatch'), await notices.left(who, 'points')]).toEqual([0, 1]);
    expect(await push(who, 'push-2', { points: true }, settings)).toMatchObject({ granted: [], refused: [] });
    expect(await notices.left(who, 'points')).toBe(1);
  });
});

describe('taking', () => {
  it('one grant, one send; given back it is left again', async () => {
    const who = somebody();
    await report(who, 'report-1', { dispatch: 'accept' });
    const taken = await take(who);
    expect(taken.ok).toBe(true);
    expect(await take(who)).toEqual({ ok: false, reason: 'notice.notGranted' });
    await database.transaction((tx) => notices.giveBack(tx, taken.ok ? taken.grantId : ''));
    expect([await notices.left(who, 'dispatch'), (await take(who)).ok]).toEqual([1, true]);
  });

  it('what nobody asked for is not granted, and giving back nothing is nothing', async () => {
    const who = somebody();
    expect(await take(who)).toEqual({ ok: false, reason: 'notice.notGranted' });
    await database.transaction((tx) => notices.giveBack(tx, 'nobody dispatch 1'));
    await database.transaction((tx) => notices.exhaust(tx, who, 'dispatch'));
    expect(await model.countDocuments({ address: `mini-program/mini/${who.user}` })).toBe(0);
  });

  it('the platform says that none is left', async () => {
    const who = somebody();
    await report(who, 'report-1', { dispatch: 'accept' });
    await report(who, 'report-2', { dispatch: 'accept' });
    await take(who);
    await database.transaction((tx) => notices.exhaust(tx, who, 'dispatch'));
    expect(await take(who)).toEqual({ ok: false, reason: 'notice.notGranted' });
  });

  it('never more than were granted, by 24 at once', async () => {
    const who = somebody();
    for (let n = 0; n < 5; n += 1) await report(who, `report-${n}`, { dispatch: 'accept' });
    const taken = await Promise.all(Array.from({ length: 24 }, () => take(who)));
    expect(taken.filter(({ ok }) => ok)).toHaveLength(5);
    expect(await notices.left(who, 'dispatch')).toBe(0);
  }, 30_000);

  it('a tap told by both at the same moment, eight times over, is one grant each', async () => {
    const group = Array.from({ length: 8 }, somebody);
    await Promise.all(
      group.flatMap((who) => [
        report(who, 'report-1', { dispatch: 'accept' }, at(1)),
        push(who, 'push-1', { dispatch: true }),
        report(who, 'report-1', { dispatch: 'accept' }, at(1)),
      ]),
    );
    expect((await notices.leftOf(group, ['dispatch'])).map(({ left }) => left)).toEqual(group.map(() => 1));
  }, 30_000);
});

it('forgets a person, and nobody else', async () => {
  const [who, other] = [somebody(), somebody()];
  await report(who, 'report-1', { dispatch: 'accept', points: 'accept' });
  await report(other, 'report-1', { dispatch: 'accept' });
  await database.transaction((tx) => notices.forget(tx, [who]));
  expect([await notices.left(who, 'dispatch'), await notices.left(other, 'dispatch')]).toEqual([0, 1]);
  expect(await model.countDocuments({ address: `mini-program/mini/${who.user}` })).toBe(0);
});

it('finds everything by an index', async () => {
  const planned = async (filter: Record<string, unknown>): Promise<string> =>
    JSON.stringify(await model.collection.find(filter).explain('queryPlanner'));
  expect(await planned({ address: { $in: ['a', 'b'] } })).toContain('address_1');
  for (const filter of [{ address: { $in: ['a', 'b'] } }, { _id: { $in: ['a', 'b'] } }, { _id: 'a' }])
    expect(await planned(filter as Record<string, unknown>)).not.toContain('COLLSCAN');
});
