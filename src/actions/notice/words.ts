/** The words a notice may hold in braces, taken from what the event tells. Amounts are fen there and yuan here; times are the shop's zone. */
type Data = Readonly<Record<string, unknown>>;

const words: Readonly<Record<string, (data: Data, timeZone: string) => string>> = {
  orderNo: (data) => textOf(data['orderNo']),
  product: (data) => textOf(data['item']),
  pieces: (data) => textOf(data['pieces']),
  amount: (data) => yuan(data['amount']),
  paid: (data) => yuan(data['paid']),
  carrier: (data) => textOf(data['carrier']),
  trackingNo: (data) => textOf(data['trackingNo']),
  closesAt: (data, timeZone) => moment(data['closesAt'], timeZone),
  level: ({ level }) => textOf((level as { title?: Record<string, unknown> } | undefined)?.title?.['zh-CN']),
  growth: (data) => textOf(data['growth']),
};

export const wordNames = Object.keys(words);

export const placeholdersIn = (text: string): string[] =>
  [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);

/** What is not known becomes a dash, so that a sentence stays one. */
export function fillIn(wording: string, data: Data, timeZone: string): string {
  return wording.replace(/\{([^{}]*)\}/g, (_whole, name: string) => words[name]?.(data, timeZone) || '—');
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

function yuan(fen: unknown): string {
  if (typeof fen !== 'number') return '';
  return `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}

/** 2026-11-22 18:00 */
function moment(value: unknown, timeZone: string): string {
  const at = typeof value === 'string' ? new Date(value) : undefined;
  if (!at || Number.isNaN(at.getTime())) return '';
  const fields = { dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23', timeZone } as const;
  return new Intl.DateTimeFormat('sv-SE', fields).format(at);
}
