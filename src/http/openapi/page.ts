/** Shows the OpenAPI document as one plain HTML page, made on the server: no script, nothing loaded from anywhere. */
import { createHash } from 'node:crypto';
import type { Route } from '../route.js';
import { tagOf } from './document.js';
import type { OpenApiDocument } from './document.js';

const style = `
body{font:15px/1.55 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2933}
h2{margin-top:2.5rem;border-bottom:1px solid #d9dee4;text-transform:capitalize}details{margin:.4rem 0;border:1px solid #e4e8ec;border-radius:6px}
summary{padding:.5rem .8rem;cursor:pointer}details>div{padding:0 .8rem .8rem}b{display:inline-block;min-width:4.2rem;color:#0b7285}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{background:#f5f7f9;padding:.8rem;overflow:auto;border-radius:4px}.muted{color:#697886}`;

/** The policy that lets this page have its own style and nothing else. */
export const docsPolicy =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; ` +
  "base-uri 'none'; frame-ancestors 'none'";

export function docsPage(document: OpenApiDocument, routes: readonly Route[]): string {
  const tags = [...new Set(routes.map(tagOf))];
  const sections = tags.map((tag) => {
    const items = routes.filter((route) => tagOf(route) === tag).map((route) => itemOf(document, route));
    return `<h2>${escape(tag)}</h2>${items.join('')}`;
  });
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Huike API</title><meta name="viewport" content="width=device-width">` +
    `<style>${style}</style></head><body><h1>Huike API</h1><p>Made from the schemas that validate. As a document: <a href="/openapi.json">openapi.json</a>.</p>` +
    `${sections.join('')}</body></html>`
  );
}

function itemOf({ paths }: OpenApiDocument, route: Route): string {
  const path = route.path.replace(/:(\w+)/g, '{$1}');
  const method = route.method.toLowerCase() as 'get';
  const operation = paths?.[path]?.[method];
  const part = (title: string, value: unknown): string =>
    value === undefined ? '' : `<p class="muted">${title}</p><pre>${escape(JSON.stringify(value, null, 2))}</pre>`;
  const details = [
    part('Parameters', operation?.parameters),
    part('Body', operation?.requestBody),
    part('Answers', operation?.responses),
  ].join('');
  return (
    `<details><summary><b>${route.method}</b><code>${escape(path)}</code> ${escape(route.summary)}</summary>` +
    `<div><p>${escape(operation?.description ?? '')}</p>${details}</div></details>`
  );
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
