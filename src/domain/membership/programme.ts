/** The programme's versions: a change is a new version that holds from its moment on, and none is ever changed. */
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent, ProgrammeRules } from '../../contracts/index.js';
import { insertRecords } from '../../infra/mongo.js';
import type { ProgrammeVersion } from './levels.js';
import { versionAt } from './levels.js';
import type { MembershipModels, ProgrammeRecord } from './models.js';

export type Programme = ReturnType<typeof createProgramme>;

const CACHE_MS = 1000;

/** `defaults` are the rules until somebody changes them: version 0, in force for all the time before version 1. */
export function createProgramme({ programmes }: Pick<MembershipModels, 'programmes'>, defaults: ProgrammeRules) {
  const first: ProgrammeVersion = { version: 0, from: new Date(0), rules: defaults };
  let cached: { at: number; list: ProgrammeVersion[] } | undefined;

  /** All versions, oldest first; at most a second old, since every order asks for them. */
  async function versions(): Promise<readonly ProgrammeVersion[]> {
    if (cached && Date.now() - cached.at < CACHE_MS) return cached.list;
    const stored = await programmes.find().sort({ _id: 1 }).lean<ProgrammeRecord[]>();
    const list = [first, ...stored.map(({ _id, from, rules }) => ({ version: _id, from, rules }))];
    cached = { at: Date.now(), list };
    return list;
  }

  async function current(now: Date): Promise<ProgrammeVersion> {
    return versionAt(await versions(), now);
  }

  /** Two who save at once take the same number: the unique key lets one of them through, the other runs again. */
  async function put(
    tx: ClientSession,
    rules: ProgrammeRules,
    by: string,
    now: Date,
  ): Promise<{ version: number; events: NewDomainEvent[] }> {
    const last = await programmes.findOne({}, null, { session: tx }).sort({ _id: -1 }).lean<ProgrammeRecord>();
    const version = (last?._id ?? 0) + 1;
    const from = last && last.from > now ? last.from : now;
    await insertRecords(programmes, [{ _id: version, from, rules, by }], tx);
    cached = undefined;
    return { version, events: [{ kind: 'programme.changed', at: now, data: { version, by } }] };
  }

  return { versions, current, put };
}
