/** Everything the console shows of who a person is, read together: records, names, addresses, profile, consents, links, proposals. */
import type { Types } from 'mongoose';
import { notFound } from '../../errors.js';
import { consentStateOf } from './consents.js';
import type { ConsentState, Consents } from './consents.js';
import type { LinkRecord, ProposalRecord, ShopIdentityRecord } from './link-models.js';
import type { ConsentRecord } from './member-models.js';
import type { CustomerRecord, IdentityRecord } from './models.js';
import { personName } from './names.js';
import type { Person, Persons } from './persons.js';
import type { ProfileView } from './profile-views.js';
import type { Profiles } from './profiles.js';
import type { CustomerReads } from './reads.js';

export interface PersonView {
  person: Person;
  name: string;
  /** Oldest first. */
  customers: CustomerRecord[];
  identities: IdentityRecord[];
  /** As shops name them; phones and unionids are blind indexes and not for screens. */
  shopIdentities: ShopIdentityRecord[];
  profile: ProfileView;
  consents: ConsentState[];
  consentEvidence: ConsentRecord[];
  /** Active and undone ones, and those to records that are not of the person any more. */
  links: LinkRecord[];
  proposals: ProposalRecord[];
}

export interface PersonViewParts {
  persons: Persons;
  profiles: Profiles;
  consents: Consents;
  reads: CustomerReads;
}

/** 404 customer.notFound. */
export function createPersonViews({ persons, profiles, consents, reads }: PersonViewParts) {
  return async (customerId: Types.ObjectId): Promise<PersonView> => {
    const person = await persons.of(null, customerId);
    const ids = person.customerIds;
    const found = await reads.getMany(ids);
    const customers = ids.flatMap((id) => found.find(({ _id }) => _id.equals(id)) ?? []);
    const [first, ...others] = customers;
    if (!first) throw notFound('customer');
    const [identities, shopIdentities, consentEvidence, links, proposals] = await Promise.all([
      reads.identitiesOf(ids),
      reads.shopIdentitiesOf(ids),
      consents.evidence(ids),
      persons.linksOf(ids),
      persons.proposalsOf(ids),
    ]);
    return {
      person,
      name: personName([first, ...others]),
      customers,
      identities,
      shopIdentities,
      profile: profiles.view(customers),
      consents: consentStateOf(consentEvidence),
      consentEvidence,
      links,
      proposals,
    };
  };
}
