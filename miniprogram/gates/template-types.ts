/**
 * Gate: the types of expressions and the names of handlers in WXML. The template compiler turns a template into TypeScript; that is put
 * behind the page's own source, where `data` and `methods` are what the page declares.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TmplGroup } from 'glass-easel-template-compiler';
import type { TmplConvertedExpr } from 'glass-easel-template-compiler';
import { filesOf, readSource } from '../preview/project.js';
import type { Problem } from '../preview/problem.js';
import { compile, messageOf, positionOf } from './compile.js';

/** What Page and Component make of their argument, as far as a template sees it. */
const capture = `type Fields = WechatMiniprogram.IAnyObject
declare function capturePage<D extends Fields, M extends Fields>(o: WechatMiniprogram.Page.Options<D, M>): { data: D; methods: M }
declare function captureComponent<D extends WechatMiniprogram.Component.DataOption, P extends WechatMiniprogram.Component.PropertyOption, M extends WechatMiniprogram.Component.MethodOption>(o: WechatMiniprogram.Component.Options<D, P, M, never>): { data: D & WechatMiniprogram.Component.PropertyOptionToData<P>; methods: M }
`;
/** A path through something absent shows nothing in a template and is no error. */
const harmless = new Set([2531, 2532, 18047, 18048, 18049]);

interface Converted {
  path: string;
  expression: TmplConvertedExpr;
  /** Lines of the page's source before the template's. */
  offset: number;
}

export function checkTemplateTypes(root: string): Problem[] {
  const overlay = new Map([[join(root, 'capture.d.ts'), capture]]);
  const converted = new Map<string, Converted>();
  for (const file of filesOf(root, ['.wxml'])) {
    const path = file.slice(0, -'.wxml'.length);
    const source = readSource(root, `${path}.ts`);
    if (source === undefined) continue;
    const made = convert(root, path, source);
    overlay.set(join(root, `${path}.ts`), made.text);
    converted.set(join(root, `${path}.ts`), made.converted);
  }
  // The converted templates name more than they use.
  return compile([...overlay.keys()], { overlay, changed: { noUnusedLocals: false, allowUnusedLabels: true } })
    .filter(({ code, file }) => file && !harmless.has(code) && overlay.has(file.fileName))
    .flatMap((found) => {
      const place = converted.get(found.file?.fileName ?? '');
      return place ? [toProblem(place, { ...positionOf(found), message: messageOf(found) })] : [];
    });
}

function convert(root: string, path: string, source: string): { text: string; converted: Converted } {
  const group = new TmplGroup();
  group.addTmpl(path, readFileSync(join(root, `${path}.wxml`), 'utf8'));
  const expression = group.getTmplConvertedExpr(path, '');
  const head =
    source.replace(/^(Page|Component)(<[^(]*>)?\(/m, (_, kind: string) => `const captured = capture${kind}(`) +
    '\n;(() => { const data = captured.data, methods = captured.methods; const tags = null as unknown as Fields; void data; void methods; void tags\n';
  const text = `${head}${expression.code() ?? ''}\n})()\nexport {}\n`;
  return { text, converted: { path, expression, offset: head.split('\n').length - 1 } };
}

function toProblem(
  { path, expression, offset }: Converted,
  found: { line: number; column: number; message: string },
): Problem {
  const line = found.line - offset;
  const place = line < 0 ? undefined : expression.getSourceLocation(line, found.column, line, found.column + 1);
  const [sourceLine = 0, sourceColumn = 0] = place ?? [];
  if (line < 0) return { file: `${path}.ts`, line: found.line + 1, column: found.column + 1, message: found.message };
  return { file: `${path}.wxml`, line: sourceLine + 1, column: sourceColumn + 1, message: found.message };
}
