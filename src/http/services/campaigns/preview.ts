/** A broadcast as one person would read it, and whether they would get it now. Reserves nothing. */
import { Types } from 'mongoose';
import type { z } from 'zod';
import type * as c from '../../../contracts/index.js';
import type { Verdict } from '../../../domain/contact/index.js';
import type { Persons } from '../../../domain/customers/index.js';
import type { BroadcastRecord } from '../../../domain/marketing/index.js';
import type { Coupons } from '../../../domain/membership/index.js';
import type { Acquaintance } from '../../../flow/acquaintance.js';
import { wordFor } from '../../../flow/broadcasts/emit.js';
import type { Judging } from '../../../flow/judging.js';

export interface PreviewParts {
  persons: Pick<Persons, 'of'>;
  acquaintance: Pick<Acquaintance, 'ofPersons'>;
  judging: Pick<Judging, 'gather' | 'judge'>;
  coupons: Pick<Coupons, 'get'>;
  timeZone: string;
}

/** @throws 404 customer.notFound */
export type Preview = (broadcast: BroadcastRecord, customerId: string) => Promise<z.infer<typeof c.Preview>>;

export function createPreview(parts: PreviewParts): Preview {
  return async (broadcast, customerId) => {
    const { message } = broadcast;
    const person = await parts.persons.of(null, new Types.ObjectId(customerId));
    const facts = (await parts.acquaintance.ofPersons(null, [person.id])).get(String(person.id));
    const [standing] = (await parts.judging.gather(null, [new Types.ObjectId(customerId)], message)).values();
    const more = await campaignWords(parts.coupons, broadcast);
    return {
      message: wordFor(message, facts, more, parts.timeZone),
      verdict: standing
        ? presentVerdict(parts.judging.judge(message, standing))
        : { ok: false, route: null, reason: 'person.gone', until: null },
    };
  };
}

/** What texts may name beside the person: what the broadcast's voucher is called. */
export async function campaignWords(
  coupons: Pick<Coupons, 'get'>,
  { couponId }: Pick<BroadcastRecord, 'couponId'>,
): Promise<{ voucher?: string }> {
  const coupon = couponId ? await coupons.get(new Types.ObjectId(couponId)) : null;
  return coupon ? { voucher: coupon.title } : {};
}

export function presentVerdict(verdict: Verdict): z.infer<typeof c.Preview>['verdict'] {
  if (verdict.ok) return { ok: true, route: verdict.route, reason: null, until: null };
  const until = verdict.outcome === 'held' ? verdict.until.toISOString() : null;
  return { ok: false, route: null, reason: verdict.reason, until };
}
