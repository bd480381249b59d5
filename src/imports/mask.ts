/** Values as an error report may show them. Reports are mailed around, so private data is never in them whole. Pure. */

const MAX_SHOWN = 60;

/** `field` is ours; of a cell whose field is not known only what looks like private data is hidden. */
export function masked(field: string, value: string): string {
  const shown = value.replace(/\s+/g, ' ').trim();
  const name = field.split('.').at(-1) ?? '';
  if (name === 'name' && !field.startsWith('item')) return keep(shown, 1, 0);
  if (name === 'phone') return /\d{7}/.test(shown) ? hideDigits(shown) : keep(shown, 3, 0);
  if (name === 'address' || name === 'birthday') return keep(shown, 3, 0);
  if (name === 'unionid' || name === 'openid') return keep(shown, 4, 2);
  const safe = hideDigits(shown, /(?<!\d)1[3-9]\d{9}(?!\d)/g);
  return safe.length > MAX_SHOWN ? `${safe.slice(0, MAX_SHOWN)}…` : safe;
}

function hideDigits(text: string, runs = /\d{7,}/g): string {
  return text.replace(runs, (digits) => keep(digits, 3, 2));
}

function keep(text: string, front: number, back: number): string {
  const chars = [...text];
  if (chars.length === 0) return '';
  if (chars.length <= front + back) return `${chars[0] ?? ''}***`;
  return `${chars.slice(0, front).join('')}***${back ? chars.slice(-back).join('') : ''}`;
}
