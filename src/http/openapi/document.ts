/** Makes the OpenAPI 3.1 document from the declared routes and the very schemas that validate. Pure. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import type { ResponseConfig, RouteConfig } from '@asteasolutions/zod-to-openapi';
import { Problem } from '../../contracts/index.js';
import type { Access, Answer, Route, Upload } from '../route.js';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

export function openApiDocument(routes: readonly Route[], publicUrl: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: 'huike_session' });
  registry.registerComponent('securitySchemes', 'csrf', { type: 'apiKey', in: 'header', name: 'X-CSRF-Token' });
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  for (const route of routes) registry.registerPath(pathOf(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Huike',
      version: '1',
      description: 'Errors are problem details (RFC 9457) with a stable `code`; see docs/errors.md.',
    },
    servers: [{ url: publicUrl }],
  });
}

function pathOf(route: Route): RouteConfig {
  const { params, query, body } = route;
  return {
    method: route.method.toLowerCase() as RouteConfig['method'],
    path: route.path.replace(/:(\w+)/g, '{$1}'),
    summary: route.summary,
    tags: [route.path.split('/')[3] ?? 'operations'],
    description: accessText(route.access),
    security: securityOf(route),
    request: { ...(params ? { params } : {}), ...(query ? { query } : {}), ...(body ? { body: bodyOf(body) } : {}) },
    responses: { ...successOf(route.response), default: problemOf(route) },
  };
}

function bodyOf(body: NonNullable<Route['body']>) {
  if (isUpload(body)) {
    const file = {
      type: 'string',
      format: 'binary',
      description: `${body.mimeTypes.join(', ')}; at most ${body.maxBytes} bytes`,
    } as const;
    const schema = { type: 'object', properties: { file }, required: ['file'] } as const;
    return { required: true, content: { 'multipart/form-data': { schema: { ...schema, required: ['file'] } } } };
  }
  return { required: true, content: { 'application/json': { schema: body } } };
}

function isUpload(body: NonNullable<Route['body']>): body is Upload {
  return 'kind' in body && body.kind === 'upload';
}

function accessText(access: Access): string {
  if (typeof access === 'object') return `Needs the permission \`${access.permission}\`.`;
  const words = {
    public: 'Open to anyone.',
    operators: 'Only from addresses of operators.',
    'signed-in': 'Any staff member, about themselves.',
  };
  return words[access];
}

function securityOf({ access, method }: Route): Array<Record<string, string[]>> {
  if (access === 'public' || access === 'operators') return [];
  return [method === 'GET' ? { session: [] } : { session: [], csrf: [] }, { token: [] }];
}

function successOf(answer: Answer<unknown>): Record<string, ResponseConfig> {
  switch (answer.kind) {
    case 'json':
      return { [answer.status]: { description: 'Done', content: { 'application/json': { schema: answer.schema } } } };
    case 'nothing':
      return { 204: { description: 'Done' } };
    case 'file':
    case 'text':
      return { 200: { description: 'Done', content: { [answer.mimeType]: { schema: { type: 'string' } } } } };
    case 'stream':
      return {
        200: {
          description: 'Events; `data` of each is this',
          content: { 'text/event-stream': { schema: answer.event } },
        },
      };
  }
}

function problemOf({ refusals }: Route): ResponseConfig {
  const codes = refusals.length > 0 ? ` Among its codes: ${refusals.join(', ')}.` : '';
  return { description: `A problem.${codes}`, content: { 'application/problem+json': { schema: Problem } } };
}
