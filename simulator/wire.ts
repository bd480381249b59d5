/** The bodies of callbacks and replies as text: XML with CDATA, or JSON (docs/wechat.md 1.2, 1.4, 1.6). No rules. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export type Value = string | number | Value[] | { [key: string]: Value | undefined };
export type Fields = { [key: string]: Value | undefined };

const rawDigits = new Set(['MsgId', 'MsgID']);

/** `<xml>…</xml>`: texts in CDATA, numbers and message ids bare, lists as `<item>`. */
export function toXml(fields: Fields): string {
  return `<xml>${members(fields)}</xml>`;
}

function members(fields: Fields): string {
  return Object.entries(fields)
    .filter((entry): entry is [string, Value] => entry[1] !== undefined)
    .map(([key, value]) => member(key, value))
    .join('');
}

/** The lists of subscription events repeat their own element; every other list has `<item>` inside. */
function member(key: string, value: Value): string {
  if (key === 'List' && Array.isArray(value)) return value.map((each) => member(key, each)).join('');
  return `<${key}>${element(key, value)}</${key}>`;
}

function element(key: string, value: Value): string {
  if (typeof value === 'number' || (typeof value === 'string' && rawDigits.has(key))) return String(value);
  if (typeof value === 'string') return `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
  if (Array.isArray(value)) return value.map((item) => `<item>${element('item', item)}</item>`).join('');
  return members(value);
}

/**
 * JSON data format: message ids are numbers of 64 bits, more than a JavaScript number holds exactly. Subscription events
 * have no wrapper here: `List` is a member beside `Event`, an object when there is one entry and an array when there are
 * several, and every value is a string, CreateTime too (docs/wechat.md 1.5).
 */
export function toJson(fields: Fields): string {
  const wrapper = Object.keys(fields).find((key) => /^SubscribeMsg\w+Event$/.test(key));
  if (wrapper === undefined) return JSON.stringify(fields).replace(/"(MsgId|MsgID)":"(\d+)"/g, '"$1":$2');
  const { [wrapper]: wrapped, CreateTime, ...rest } = fields;
  const list = (wrapped as { List: Value[] }).List;
  return JSON.stringify({ ...rest, CreateTime: String(CreateTime), List: list.length === 1 ? list[0] : list });
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: true,
});

/** The members of the `<xml>` root, or undefined when the text is no such document. */
export function fromXml(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('<') || XMLValidator.validate(text) !== true) return undefined;
  const document = parser.parse(text) as Record<string, unknown>;
  const root = document['xml'];
  return typeof root === 'object' && root !== null ? (root as Record<string, unknown>) : undefined;
}

/** The members of a JSON object, or undefined. */
export function fromJson(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
