/** What the routes of the contact policy mean: its rules, the switch for all promotion, holds, and how one person can be reached now. */
import { Types } from 'mongoose';
import type { z } from 'zod';
import type * as c from '../../../contracts/index.js';
import { purposes, routes } from '../../../contracts/index.js';
import type { Content, Message, NewDomainEvent, Purpose } from '../../../contracts/index.js';
import { contactReasons, permitOf } from '../../../domain/contact/index.js';
import type { ContactRules, HoldRecord, Holds, PromotionSwitch, Standing } from '../../../domain/contact/index.js';
import type { Persons } from '../../../domain/customers/index.js';
import type { BroadcastLimits } from '../../../domain/marketing/index.js';
import type { Segments } from '../../../domain/segments/index.js';
import { notFound } from '../../../errors.js';
import type { Act } from '../../../flow/act.js';
import type { Judging } from '../../../flow/judging.js';
import type { Clock } from '../../../infra/clock.js';
import type { Actor, ContactPort } from '../../ports.js';
import { createChange, iso } from '../console/acting.js';
import type { NameOf } from '../console/acting.js';
import { presentVerdict } from './preview.js';

export interface ContactServiceParts {
  act: Act;
  clock: Clock;
  promotionSwitch: PromotionSwitch;
  holds: Holds;
  persons: Pick<Persons, 'of'>;
  segments: Pick<Segments, 'portraitOf'>;
  judging: Pick<Judging, 'gather' | 'judge'>;
  nameOf: NameOf;
  rules: ContactRules;
  approval: BroadcastLimits;
}

/** One of each kind a person, by whoever of the staff placed it: placed again it is as placed last. */
const BY_STAFF = 'console';

export function createContactService(parts: ContactServiceParts): ContactPort {
  const { clock, holds, promotionSwitch, persons, rules } = parts;
  const change = createChange(parts.act);

  async function switched() {
    const { stopped, last } = await promotionSwitch.state();
    const by = last && ((await parts.nameOf(last.by)) ?? last.by);
    return { stopped, by, reason: last?.reason ?? null, at: iso(last?.at) };
  }

  async function turn(to: 'stop' | 'resume', { reason }: { reason: string }, by: Actor) {
    await change(by, async (tx) => ({
      events: await promotionSwitch[to](tx, { by: by.staffId, reason, at: clock.now() }),
      result: undefined,
    }));
    return switched();
  }

  const policy: ContactPort['policy'] = async () => ({
    promotion: await switched(),
    caps: rules.caps.map(({ days, most }) => ({ days, most })),
    quietHours: { from: rules.quietHours.from, to: rules.quietHours.to },
    holidays: [...rules.holidays],
    approval: { people: parts.approval.people, costFen: parts.approval.costFen },
    reasons: contactReasons,
    routes: Object.fromEntries(
      purposes.map((purpose) => [
        purpose,
        Object.fromEntries(routes.map((route) => [route, permitOf(purpose, route)])),
      ]),
    ),
  });

  const reach: ContactPort['reach'] = async (customerId) => {
    const id = new Types.ObjectId(customerId);
    const person = await persons.of(null, id);
    const promotion = await standingOf(id, messageOf('promotion'));
    const placed = await holds.of(null, person.customerIds, clock.now());
    const portrait = await parts.segments.portraitOf(id);
    const verdicts: z.infer<typeof c.PersonReach>['verdicts'] = [];
    for (const purpose of purposes) verdicts.push(await verdictOn(id, purpose));
    return {
      minor: promotion?.minor ?? false,
      personalised: portrait?.personalised ?? false,
      promotions: (promotion?.promotions ?? []).map((at) => at.toISOString()),
      holds: [...placed.map(presentHold), ...enquiriesOf(promotion)],
      verdicts,
    };
  };

  async function standingOf(id: Types.ObjectId, message: Message): Promise<Standing | undefined> {
    return (await parts.judging.gather(null, [id], message)).get(String(id));
  }

  async function verdictOn(id: Types.ObjectId, purpose: Purpose) {
    const message = messageOf(purpose);
    const standing = await standingOf(id, message);
    if (!standing) return { purpose, ok: false, route: null, reason: 'person.gone', until: null };
    return { purpose, ...presentVerdict(parts.judging.judge(message, standing)) };
  }

  /** One change of a person's holds, then how they can be reached. */
  async function changeHolds(
    by: Actor,
    customerId: string,
    work: (...given: Parameters<Parameters<typeof change>[1]>) => Promise<NewDomainEvent[]>,
  ) {
    await persons.of(null, new Types.ObjectId(customerId));
    await change(by, async (tx, acting) => ({ events: await work(tx, acting), result: undefined }));
    return reach(customerId);
  }

  return {
    policy,
    promotionStopped: async () => (await promotionSwitch.state()).stopped,
    reach,
    stop: (body, by) => turn('stop', body, by),
    resume: (body, by) => turn('resume', body, by),
    placeHold: (customerId, { kind, until, note }, by) =>
      changeHolds(by, customerId, (tx) => {
        const name = { customerId: new Types.ObjectId(customerId), kind, key: BY_STAFF };
        const end = until === undefined ? undefined : new Date(until);
        return holds.place(tx, name, { at: clock.now(), until: end, by: by.staffId, note });
      }),
    liftHold: (customerId, { kind, key }, by) =>
      changeHolds(by, customerId, async (tx) => {
        const at = clock.now();
        const { customerIds } = await persons.of(tx, new Types.ObjectId(customerId));
        const found = (await holds.of(tx, customerIds, at)).filter((one) => one.kind === kind && one.key === key);
        if (found.length === 0) throw notFound('hold');
        const events: NewDomainEvent[] = [];
        for (const one of found) {
          const name = { customerId: one.customerId, kind, key };
          events.push(...(await holds.lift(tx, name, { at, by: by.staffId, atOnce: true })));
        }
        return events;
      }),
  };
}

/** A few words by every way that words alone can take; a notice needs its own template and is asked about with its message. */
function messageOf(purpose: Purpose): Message {
  const text: Content = { type: 'text', text: '…' };
  const kept: Content = { type: 'notice', templateId: '', data: { text: '…' } };
  return { purpose, variants: { 'customer-message': text, wechaty: text, 'mass-send': text, 'member-inbox': kept } };
}

const presentHold = ({ kind, key, until, note }: HoldRecord) => ({ kind, key, until: iso(until), note: note ?? null });

/** The hold after an enquiry is worked out, not placed. */
const enquiriesOf = (standing: Standing | undefined) =>
  (standing?.holds ?? [])
    .filter(({ kind }) => kind === 'enquiry')
    .map(({ kind, until }) => ({ kind, key: '', until: iso(until), note: null }));
