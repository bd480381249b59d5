/**
 * The fields of a notice, held to the limits of their kinds. Pure. A field's kind is its name without the number: `thing1` is a `thing`.
 * https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_sendmessage
 */

export type NoticeValues =
  { ok: true; data: Readonly<Record<string, { value: string }>> } | { ok: false; field: string };

/** Longest values in characters, for the kinds that are words. A cut number, time or amount would be a lie: those go as they are. */
const longest: Readonly<Record<string, (value: string) => number>> = {
  thing: () => 20,
  character_string: () => 32,
  letter: () => 32,
  symbol: () => 5,
  phone_number: () => 17,
  car_number: () => 8,
  phrase: () => 5,
  // Ten Chinese characters or twenty Latin letters.
  name: (value) => (/^[\p{ASCII}]*$/u.test(value) ? 20 : 10),
};

/** An empty value is refused by the platform whatever its kind, so none is sent; `field` names the first. */
export function noticeValues(data: Readonly<Record<string, string>>): NoticeValues {
  const fitted: Record<string, { value: string }> = {};
  for (const [field, written] of Object.entries(data)) {
    const value = fit(field, written);
    if (value === '') return { ok: false, field };
    fitted[field] = { value };
  }
  return { ok: true, data: fitted };
}

/** Cut by characters, never inside one; line breaks are blanks here. Only words of a sentence show that they were cut. */
function fit(field: string, written: string): string {
  const kind = field.replace(/\d+$/, '');
  const value = written.replace(/\s+/gu, ' ').trim();
  const limit = Object.hasOwn(longest, kind) ? longest[kind]?.(value) : undefined;
  const characters = [...value];
  if (limit === undefined || characters.length <= limit) return value;
  if (kind === 'thing') return `${characters.slice(0, limit - 1).join('')}…`;
  return characters.slice(0, limit).join('').trim();
}
