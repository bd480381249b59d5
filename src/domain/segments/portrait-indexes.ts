/**
 * The indexes of portraits: what makes a condition a question to an index instead of a reading of everybody. A field of the catalogue that
 * says `indexed` has one here (a test holds them together). What rules about purchases and behaviour ask carries `personalised` with it,
 * which stands in each such rule, so that a count needs no document.
 */
export type PortraitIndex = Readonly<Record<string, 1 | -1>>;

export const portraitIndexes: readonly PortraitIndex[] = [
  { customerIds: 1 },
  { birthMonth: 1 },
  { birthday: 1 },
  { city: 1 },
  { tags: 1 },
  { 'fields.k': 1, 'fields.v': 1 },
  { lists: 1 },
  { createdAt: 1 },
  { joinedAt: 1 },
  { level: 1 },
  { levelUntil: 1 },
  { points: 1 },
  { coupons: 1 },
  { orders: 1, personalised: 1 },
  { spent: 1, personalised: 1 },
  { firstOrderAt: 1, personalised: 1 },
  { lastOrderAt: 1, personalised: 1 },
  { lastReceivedAt: 1, personalised: 1 },
  { 'categories.c': 1, 'categories.at': 1 },
  { lastSeenAt: 1, personalised: 1 },
  { lastBehaviourAt: 1, personalised: 1 },
  /** Few kinds a person, so that it stays small; days are bounded by lastBehaviourAt. */
  { 'did.t': 1 },
  { 'scores.segment': 1, personalised: 1 },
  { 'scores.eight': 1, personalised: 1 },
  { group: 1, personalised: 1 },
];
