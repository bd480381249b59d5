/** What the console's routes of a person mean: who they are, what is known of them, which records are one person and why. */
import { Types } from 'mongoose';
import type { z } from 'zod';
import type * as c from '../../../contracts/index.js';
import type {
  Consents,
  CustomerReads,
  CustomerRecord,
  LinkRecord,
  Persons,
  Profiles,
  ProposalRecord,
} from '../../../domain/customers/index.js';
import { createPersonViews, customerName } from '../../../domain/customers/index.js';
import type { Membership } from '../../../domain/membership/index.js';
import { RequestProblem } from '../../../errors.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { KeyedLock } from '../../../infra/keyed-lock.js';
import type { Actor, PageRequest, PersonsPort } from '../../ports.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import { refusedBy } from '../refusals.js';
import { createChange, createChangePerson, iso, namesOf } from './acting.js';
import type { NameOf } from './acting.js';
import { linkSentence, proposalSentence } from './evidence.js';
import type { Telling } from './evidence.js';
import type { StaffLimits } from './points.js';
import { presentBalance, presentConsent, presentFigures, presentLevel, presentProfile } from './views.js';

export interface PersonsServiceParts {
  act: Act;
  clock: Clock;
  lock: KeyedLock;
  persons: Persons;
  profiles: Profiles;
  consents: Consents;
  customerReads: CustomerReads;
  membership: Membership;
  nameOf: NameOf;
  timeZone: string;
  limits: StaffLimits;
}

type LinkView = z.infer<typeof c.LinkView>;
type LinkProposal = z.infer<typeof c.LinkProposal>;

export function createPersonsService(parts: PersonsServiceParts): PersonsPort {
  const { clock, persons, profiles, customerReads, membership } = parts;
  const view = createPersonViews({ ...parts, reads: customerReads });
  const change = createChangePerson(parts);
  const changeAnything = createChange(parts.act);

  async function get(customerId: string, by: Pick<Actor, 'role'>): Promise<c.PersonView> {
    const now = clock.now();
    const { person, name, customers, profile, consents, links, proposals } = await view(new Types.ObjectId(customerId));
    const open = proposals.filter(({ state }) => state === 'open');
    const [balance, level, shownLinks, shownProposals] = await Promise.all([
      membership.points.balance(person, now),
      membership.levels.of(person.customerIds, now),
      presentLinks(links),
      presentProposals(open),
    ]);
    return {
      personId: String(person.id),
      name,
      customerIds: person.customerIds.map(String),
      profile: presentProfile(profile),
      figures: presentFigures(customers),
      level: presentLevel(level),
      points: presentBalance(balance),
      limits: parts.limits[by.role],
      consents: consents.map((state) => ({ ...state, at: state.at.toISOString() })),
      links: shownLinks,
      proposals: shownProposals,
    };
  }

  /** Both ends of each, also of records that are not of this person any more. */
  async function endsOf(
    records: ReadonlyArray<{ customerIds: Types.ObjectId[] }>,
  ): Promise<Map<string, CustomerRecord>> {
    const ids = [...new Map(records.flatMap(({ customerIds }) => customerIds).map((id) => [String(id), id])).values()];
    const found = ids.length ? await customerReads.getMany(ids) : [];
    return new Map(found.map((one) => [String(one._id), one]));
  }

  function tellingOf(ends: ReadonlyMap<string, CustomerRecord>, ids: readonly Types.ObjectId[]): Telling {
    const phoneOf = (id: Types.ObjectId | undefined): string | null => {
      const record = ends.get(String(id));
      return record ? profiles.view([record]).phone : null;
    };
    const { phoneVerifiedDays } = persons.rules;
    return { timeZone: parts.timeZone, phoneVerifiedDays, phones: [phoneOf(ids[0]), phoneOf(ids[1])] };
  }

  async function presentLinks(links: readonly LinkRecord[]): Promise<LinkView[]> {
    const ends = await endsOf(links);
    const names = await namesOf(parts.nameOf, links.map(staffOf));
    return links.map((link) => {
      const staffName = names.get(staffOf(link) ?? '');
      return {
        id: String(link._id),
        customerIds: link.customerIds.map(String),
        kind: link.kind,
        evidence: linkSentence(link.evidence, { ...tellingOf(ends, link.customerIds), staffName }),
        at: link.at.toISOString(),
        by: staffName ?? null,
        undoneAt: iso(link.undone?.at),
        undoneReason: link.undone?.reason ?? null,
        frozenUntil: link.active ? iso(link.freezesUntil) : null,
      };
    });
  }

  async function presentProposals(proposals: readonly ProposalRecord[]): Promise<LinkProposal[]> {
    const ends = await endsOf(proposals);
    return proposals.map(({ _id, customerIds, evidence, at }) => ({
      id: String(_id),
      customers: customerIds.flatMap((id) => {
        const record = ends.get(String(id));
        return record ? [sideOf(record)] : [];
      }),
      kind: evidence.kind,
      evidence: proposalSentence(evidence, tellingOf(ends, customerIds)),
      at: at.toISOString(),
    }));
  }

  const sideOf = (record: CustomerRecord): LinkProposal['customers'][number] => ({
    id: String(record._id),
    name: customerName(record),
    phone: profiles.view([record]).phone,
    orders: record.figures?.orders ?? 0,
  });

  async function changeProfile(id: string, body: z.output<typeof c.ChangeProfile>, by: Actor): Promise<c.PersonView> {
    await change(by, [id], async (tx) => {
      const teller = { kind: 'staff' as const, id: by.staffId };
      const put = await profiles.put(tx, new Types.ObjectId(id), body, clock.now(), teller);
      if (!put.ok) throw refusedBy(put);
      return { events: put.events, result: undefined };
    });
    return get(id, by);
  }

  async function consents(id: string) {
    const { customerIds } = await persons.of(null, new Types.ObjectId(id));
    const evidence = await parts.consents.evidence(customerIds);
    const names = await namesOf(
      parts.nameOf,
      evidence.map(({ by }) => (by.kind === 'staff' ? by.id : undefined)),
    );
    return { items: evidence.map((one) => presentConsent(one, names)), nextCursor: null };
  }

  async function link(id: string, { with: other, reason }: z.infer<typeof c.LinkBody>, by: Actor) {
    if (id === other) throw new RequestProblem(409, 'link.sameRecord', 'A record cannot be linked with itself.');
    await change(by, [id, other], async (tx) => {
      const evidence = { kind: 'staff' as const, staffId: by.staffId, reason };
      const [a, b] = [new Types.ObjectId(id), new Types.ObjectId(other)];
      const { linked, events } = await persons.link(tx, a, b, evidence, clock.now());
      if (!linked) throw new RequestProblem(409, 'link.exists', 'Staff linked these two records already.');
      return { events, result: undefined };
    });
    return get(id, by);
  }

  async function undoLink(id: string, { reason }: z.infer<typeof c.UnlinkBody>, by: Actor): Promise<LinkView> {
    const linkId = new Types.ObjectId(id);
    const ends = await changeAnything(by, async (tx) => {
      const events = await persons.unlink(tx, linkId, { staffId: by.staffId, reason }, clock.now());
      return { events, result: events.flatMap(({ customerId }) => customerId ?? []) };
    });
    const links = await persons.linksOf(ends.map((end) => new Types.ObjectId(end)));
    const [undone] = await presentLinks(links.filter(({ _id }) => _id.equals(linkId)));
    if (!undone) throw new Error('a link was undone and is not there');
    return undone;
  }

  async function proposals(page: PageRequest) {
    const found = await persons.proposals({ limit: page.limit + 1, after: positionOf(page.cursor) });
    const shown = new Map((await presentProposals(found)).map((one) => [one.id, one]));
    const places = new Map(found.map(({ _id, at }) => [String(_id), cursorOf(at, _id)]));
    return toPage(
      [...shown.values()],
      page.limit,
      (one) => one,
      ({ id }) => places.get(id) ?? '',
    );
  }

  async function decide(id: string, { accept, reason }: z.infer<typeof c.DecideBody>, by: Actor): Promise<void> {
    const decision = { accept, reason, staffId: by.staffId };
    await changeAnything(by, async (tx) => {
      const events = await persons.decide(tx, new Types.ObjectId(id), decision, clock.now());
      return { events, result: undefined };
    });
  }

  return { get, changeProfile, consents, link, undoLink, proposals, decide };
}

const staffOf = ({ evidence }: LinkRecord): string | undefined =>
  evidence.kind === 'staff' ? evidence.staffId : undefined;
