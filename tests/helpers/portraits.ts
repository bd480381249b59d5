/** People as segments see them, for tests of rules: nothing known but what the case names. */
import { Types } from 'mongoose';
import type { PortraitRecord, RuleContext } from '../../src/domain/segments/index.js';

export const portrait = (known: Partial<PortraitRecord> = {}): PortraitRecord => ({
  ...{ _id: new Types.ObjectId(), customerIds: [], builtAt: new Date(0), createdAt: new Date(0) },
  ...{ minor: false, tags: [], fields: [], lists: [], points: 0, growth: 0, coupons: [] },
  ...{ orders: 0, spent: 0, items: 0, bought: [], categories: [], did: [] },
  ...{ channels: [], consents: [], refusals: [], personalised: true },
  ...known,
});

export const ruleContext = (now: Date, cycleDays: RuleContext['cycleDays'] = () => 60): RuleContext => ({
  ...{ now, timeZone: 'Asia/Shanghai', cycleDays, fields: new Map() },
  segment: () => undefined,
});
