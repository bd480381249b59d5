/** Serves the document and its page. Both describe the routes they are given, themselves included. */
import { json, route, text } from '../route.js';
import type { Route } from '../route.js';
import { z } from 'zod';
import { openApiDocument } from './document.js';
import { docsPage, docsPolicy } from './page.js';

export function openApiRoutes(others: readonly Route[], publicUrl: string): Route[] {
  const mine: Route[] = [
    route({
      method: 'GET',
      path: '/openapi.json',
      access: 'public',
      limit: 'none',
      summary: 'This document',
      response: json(z.record(z.string(), z.unknown())),
      handle: async () => ({ ...made().document }),
    }),
    route({
      method: 'GET',
      path: '/docs',
      access: 'public',
      limit: 'none',
      summary: 'This document as a page',
      response: text('text/html'),
      handle: async () => {
        const headers = { 'Content-Security-Policy': docsPolicy };
        return { contentType: 'text/html; charset=utf-8', body: made().page, headers };
      },
    }),
  ];
  let kept: { document: ReturnType<typeof openApiDocument>; page: string } | undefined;
  const made = (): NonNullable<typeof kept> => {
    if (kept) return kept;
    const routes = [...others, ...mine];
    const document = openApiDocument(routes, publicUrl);
    return (kept = { document, page: docsPage(document, routes) });
  };
  return mine;
}
