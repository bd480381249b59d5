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
    .map(([key, value]) => `<${key}>${element(key, value)}</${key}>`)
    .join('');
}

function element(key: string, value: Value): string {
  if (typeof value === 'number' || (typeof value === 'string' && rawDigits.has(key))) return String(value);
  if (typeof value === 'string') return `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
  if (Array.isArray(value)) return value.map((item) => `<item>${element('item', item)}</item>`).join('');
  return members(value);
}

/** JSON data format: message ids are numbers of 64 bits, more than a JavaScript number holds exactly. */
export function toJson(fields: Fields): string {
  return JSON.stringify(fields).replace(/"(MsgId|MsgID)":"(\d+)"/g, '"$1":$2');
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
