/** What segments ask of the modules above and beside them: who uses a segment, and which values a field has now. Part of app-domain.ts. */
import type { ClientSession } from 'mongoose';
import type { BroadcastState } from './contracts/index.js';
import type { Commerce } from './domain/commerce/index.js';
import type { Tags } from './domain/customers/index.js';
import type { CampaignModels, MarketingModels } from './domain/marketing/index.js';
import type { Membership } from './domain/membership/index.js';
import { namedBy } from './domain/segments/index.js';
import type { SegmentOptions } from './domain/segments/index.js';

/** Choices of one field. */
const MOST = 500;

/** Broadcasts that still need their rule. */
const OPEN: BroadcastState[] = ['draft', 'submitted', 'approved'];

/** Whether a strategy, or a broadcast whose people are not frozen yet, names a segment or list. */
export function createUsedBy({
  strategies,
  broadcasts,
}: Pick<MarketingModels, 'strategies'> & Pick<CampaignModels, 'broadcasts'>): NonNullable<SegmentOptions['usedBy']> {
  return async (tx: ClientSession, what, id) => {
    const ofStrategies = await strategies.find({}, { audience: 1 }, { session: tx }).lean();
    const ofBroadcasts = await broadcasts.find({ state: { $in: OPEN } }, { audience: 1 }, { session: tx }).lean();
    return [...ofStrategies, ...ofBroadcasts].some(({ audience }) => {
      if (!audience) return false;
      const named = namedBy(audience);
      return (what === 'segment' ? named.segments : named.lists).includes(id);
    });
  };
}

/** For the builder: levels, tags, coupons and categories as they are now. */
export function createChoices(parts: {
  membership: Pick<Membership, 'programme' | 'coupons'>;
  commerce: Pick<Commerce, 'categories'>;
  tags: Pick<Tags, 'inUse'>;
  now(): Date;
}): NonNullable<SegmentOptions['choices']> {
  const same = (text: string) => ({ value: text, title: { 'zh-CN': text, en: text } });
  return async () => {
    const { rules } = await parts.membership.programme.current(parts.now());
    const coupons = await parts.membership.coupons.list(MOST);
    return new Map([
      ['level', rules.levels.map(({ code, title }) => ({ value: code, title }))],
      ['tags', (await parts.tags.inUse(MOST)).map(({ tag }) => same(tag))],
      ['coupons', coupons.map(({ _id, title }) => ({ ...same(title), value: String(_id) }))],
      ['category', (await parts.commerce.categories()).map(({ category }) => same(category))],
    ]);
  };
}
