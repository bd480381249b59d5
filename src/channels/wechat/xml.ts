/**
 * Reading and writing the small XML dialect of the platform's callbacks. Owns safety against hostile XML: no document type, no
 * entities of its own, bounded depth, no values turned into numbers (message ids have 64 bits).
 */
import { XMLParser } from 'fast-xml-parser';

/** What a callback's body holds, XML or JSON: strings at the leaves for XML, any JSON value for JSON. */
export type Fields = Readonly<Record<string, unknown>>;

const maxDepth = 8;

/** Only the five entities of XML itself and character references are read, and never inside CDATA; a document type is refused before. */
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  processEntities: { enabled: true, maxTotalExpansions: 10_000 },
  maxNestedTags: maxDepth,
});

/** The fields under `<xml>`, or undefined for anything but one well-formed, harmless document. Never throws. */
export function parseXml(text: string): Fields | undefined {
  if (hasDocumentType(text)) return undefined;
  try {
    const root: unknown = (parser.parse(text, true) as Fields)['xml'];
    return isFields(root) ? root : undefined;
  } catch {
    // The parser has one kind of error for every malformed document; which one it was changes nothing for the sender.
    return undefined;
  }
}

/**
 * Text, CDATA, comment, processing instruction, tag. Only CDATA and comments may hold a `<`, so none of them can be opened inside another
 * token to hide what follows. Each alternative begins differently and each failure ends the search, so it costs no more than the length.
 */
const token =
  /[^<]+|<!\[CDATA\[[^]*?\]\]>|<!--[^]*?-->|<\?(?:[^<>"']|"[^<"]*"|'[^<']*')*\?>|<[^<>"'!?](?:[^<>"']|"[^<"]*"|'[^<']*')*>/y;

/** People may write `<!DOCTYPE` in a chat, so CDATA does not count. True also for what is no well-formed sequence of tokens. */
function hasDocumentType(text: string): boolean {
  if (!/<!(?!\[CDATA\[)/.test(text)) return false;
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    if (!token.test(text)) return true;
    at = token.lastIndex;
  }
  return false;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A tree for a passive answer. Numbers are written bare, strings in CDATA. */
export interface Tree {
  readonly [name: string]: string | number | Tree | readonly Tree[];
}

/** `{ xml: … }` without the outer element; a list becomes repeated `<item>` elements. */
export function writeXml(tree: Tree): string {
  return `<xml>${writeChildren(tree)}</xml>`;
}

function writeChildren(tree: Tree): string {
  return Object.entries(tree)
    .map(([name, value]) => `<${name}>${writeValue(value)}</${name}>`)
    .join('');
}

function writeValue(value: Tree[string]): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return cdata(value);
  if (isList(value)) return value.map((item) => `<item>${writeChildren(item)}</item>`).join('');
  return writeChildren(value);
}

const isList = (value: Tree | readonly Tree[]): value is readonly Tree[] => Array.isArray(value);

/** `]]>` inside a text is split over two sections; characters that XML 1.0 cannot hold are dropped. */
export function cdata(text: string): string {
  const legal = text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '');
  return `<![CDATA[${legal.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}
