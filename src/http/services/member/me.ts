/** The member's card: profile, level, points, the code for the counter. */
import QRCode from 'qrcode';
import type * as c from '../../../contracts/index.js';
import { allows } from '../../../domain/customers/index.js';
import type { Person } from '../../../domain/customers/index.js';
import type { MemberActor } from '../../ports.js';
import type { MemberServiceParts } from './index.js';
import { presentLevel } from './views.js';

export function createMe(parts: MemberServiceParts): (by: MemberActor, person: Person) => Promise<c.MemberMe> {
  const { clock, membership, profiles, consents, cardCodes } = parts;

  return async (by, person) => {
    const now = clock.now();
    const { customerIds } = person;
    const [profile, balance, level, vouchers, checkin, agreed] = await Promise.all([
      profiles.read(customerIds),
      membership.points.balance(person, now),
      membership.levels.of(customerIds, now),
      membership.vouchers.usableCount(customerIds, now),
      membership.points.checkin(customerIds, now),
      consents.of(customerIds),
    ]);
    const joined = profile.joinedAt !== null;
    const { name, phone, gender, birthday, province, city, minor } = profile;
    const { available, pending, debt, spendable, frozenUntil, expiring } = balance;
    return {
      joined,
      ...{ name, phone, gender, birthday, province, city },
      level: presentLevel(level),
      points: {
        ...{ available, pending, debt, spendable },
        frozenUntil: frozenUntil?.toISOString() ?? null,
        expiring: expiring.map(({ amount, at }) => ({ amount, at: at.toISOString() })),
      },
      vouchers,
      card: joined ? await cardOf(person, now) : null,
      checkin,
      privacy: {
        personalisation: allows(agreed, 'personalisation', 'all'),
        promotion: allows(agreed, 'promotion', 'wechat'),
        care: allows(agreed, 'care', 'wechat'),
        minor,
      },
    };
  };

  async function cardOf({ id }: Person, now: Date): Promise<c.MemberMe['card']> {
    const { code, expiresAt } = await cardCodes.issue(id, now);
    const picture = await QRCode.toDataURL(code, { margin: 1, width: 320, errorCorrectionLevel: 'M' });
    return { code, picture, expiresAt: expiresAt.toISOString() };
  }
}
