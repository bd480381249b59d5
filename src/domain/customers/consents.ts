/**
 * What a person agreed to: purpose x channel x version of the text, given or withdrawn, when, where and who says so. Records are only ever
 * added, so that the evidence can be shown; what holds now is worked out from them. Joining is not consent.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { consentChannels, consentPurposes } from '../../contracts/index.js';
import type { NewDomainEvent } from '../../contracts/index.js';
import { insertRecords } from '../../infra/mongo.js';
import type { ConsentChannel, ConsentPurpose, ConsentRecord } from './member-models.js';
import type { CustomerModels } from './models.js';
import type { Teller } from './profile-model.js';

export interface NewConsent {
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  textVersion: string;
  at: Date;
  page?: string | undefined;
  by: Teller;
}

/** The newest word on one purpose and channel. */
export interface ConsentState {
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  given: boolean;
  textVersion: string;
  at: Date;
}

export type Consents = ReturnType<typeof createConsents>;

export function createConsents({ consents }: Pick<CustomerModels, 'consents'>) {
  /** The same again (same purpose, channel, text and moment) changes nothing and returns nothing. */
  async function record(
    tx: ClientSession,
    customerId: Types.ObjectId,
    consent: NewConsent,
    withdrawn: boolean,
  ): Promise<NewDomainEvent[]> {
    const { purpose, channel, textVersion, at, page, by } = consent;
    const key = { customerId, purpose, channel, at, withdrawn, textVersion };
    if (await consents.findOne(key, { _id: 1 }, { session: tx }).lean()) return [];
    await insertRecords(consents, [{ _id: new Types.ObjectId(), ...key, ...(page ? { page } : {}), by }], tx);
    const data = { purpose, channel, textVersion, page: page ?? null, by: by.kind };
    return [{ kind: withdrawn ? 'consent.withdrawn' : 'consent.given', customerId: String(customerId), at, data }];
  }

  /** Every record of a person's customers in the order of its moment, then of its arrival. */
  const evidence = (
    customerIds: readonly Types.ObjectId[],
    tx: ClientSession | null = null,
  ): Promise<ConsentRecord[]> =>
    consents
      .find({ customerId: { $in: [...customerIds] } }, null, { session: tx })
      .sort({ at: 1, _id: 1 })
      .lean<ConsentRecord[]>();

  /** What holds now, for each purpose and channel that was ever spoken of. */
  const of = async (customerIds: readonly Types.ObjectId[], tx: ClientSession | null = null): Promise<ConsentState[]> =>
    consentStateOf(await evidence(customerIds, tx));

  return { record, of, evidence };
}

type Word = Pick<ConsentRecord, 'purpose' | 'channel' | 'withdrawn' | 'textVersion' | 'at'>;

/** The latest word of each purpose x channel; of two at one moment the withdrawal. Independent of the records' order. */
export function consentStateOf(records: readonly Word[]): ConsentState[] {
  return consentPurposes.flatMap((purpose) =>
    consentChannels.flatMap((channel) => {
      const last = latest(records.filter((one) => one.purpose === purpose && one.channel === channel));
      return last ? [{ purpose, channel, given: !last.withdrawn, textVersion: last.textVersion, at: last.at }] : [];
    }),
  );
}

/** Whether this may be done by this channel: the latest word on the channel or on `all` counts; no word is no. */
export function allows(state: readonly ConsentState[], purpose: ConsentPurpose, channel: ConsentChannel): boolean {
  const words = state
    .filter((one) => one.purpose === purpose && (one.channel === channel || one.channel === 'all'))
    .map((one) => ({ ...one, withdrawn: !one.given }));
  const last = latest(words);
  return last !== undefined && !last.withdrawn;
}

function latest<T extends Pick<Word, 'at' | 'withdrawn' | 'textVersion'>>(words: readonly T[]): T | undefined {
  return [...words]
    .sort(
      (a, b) =>
        a.at.getTime() - b.at.getTime() ||
        Number(a.withdrawn) - Number(b.withdrawn) ||
        (a.textVersion < b.textVersion ? -1 : 1),
    )
    .at(-1);
}
