/** Giving and withdrawing a consent, wherever a page offers it. */
import { changePrivacy } from './endpoints';
import type { ConsentText, Me, Purpose } from './types';

interface ConsentChange {
  purpose: Purpose;
  given: boolean;
  /** Where it was decided. */
  page: string;
}

/** A purpose may have a text for each channel: all of them are given or withdrawn. Undefined: no text speaks of it. @throws RequestFailed */
export async function changeConsent(
  consents: ConsentText[],
  { purpose, given, page }: ConsentChange,
): Promise<Me | undefined> {
  let changed: Me | undefined;
  for (const consent of consents) {
    if (consent.purpose !== purpose) continue;
    const { channel, version } = consent;
    changed = await changePrivacy({ purpose, channel, given, version, page });
  }
  return changed;
}
