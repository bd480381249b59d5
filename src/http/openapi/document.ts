/** Makes the OpenAPI 3.1 document from the declared routes and the very schemas that validate. Pure. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import type { ResponseConfig, RouteConfig } from '@asteasolutions/zod-to-openapi';
import { BatchLine, Problem } from '../../contracts/index.js';
import { NDJSON } from '../open-api/batch.js';
import type { Access, Answer, FileUpload, Route, Upload } from '../route.js';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

export function openApiDocument(routes: readonly Route[], publicUrl: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: 'huike_session' });
  registry.registerComponent('securitySchemes', 'csrf', { type: 'apiKey', in: 'header', name: 'X-CSRF-Token' });
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'member', { type: 'http', scheme: 'bearer' });
  for (const [name, part] of Object.entries(signatureParts)) {
    registry.registerComponent('securitySchemes', name, { type: 'apiKey', in: 'header', ...part });
  }
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

/** One scheme a header, since a scheme knows only one; all four are needed together. */
const signatureParts = {
  shopKey: { name: 'X-Huike-Key', description: 'The id of the key.' },
  shopTimestamp: { name: 'X-Huike-Timestamp', description: 'Unix time in seconds, within 300 s of the server.' },
  shopNonce: { name: 'X-Huike-Nonce', description: '1 to 128 visible characters, never used before with this key.' },
  shopSignature: {
    name: 'X-Huike-Signature',
    description:
      'Hex HMAC-SHA256 under the secret of: timestamp, nonce, METHOD, path with query, hex SHA-256 of the body, with a newline between each two.',
  },
} as const;

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request with the same key is answered as the first time, for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
} as const;

/** Under which heading a route stands. */
export function tagOf({ path }: Pick<Route, 'path'>): string {
  if (path.startsWith('/open/')) return 'shop systems';
  if (path.startsWith('/member/')) return 'mini-program';
  return path.split('/')[3] ?? 'operations';
}

function pathOf(route: Route): RouteConfig {
  const { params, query, body, access } = route;
  return {
    method: route.method.toLowerCase() as RouteConfig['method'],
    path: route.path.replace(/:(\w+)/g, '{$1}'),
    summary: route.summary,
    tags: [tagOf(route)],
    description: accessText(route.access),
    security: securityOf(route),
    request: {
      ...(params ? { params } : {}),
      ...(query ? { query } : {}),
      ...(body ? { body: bodyOf(body, route.batch) } : {}),
    },
    ...(access === 'shop-system' && !route.reads ? { parameters: [idempotencyKey] } : {}),
    responses: { ...successOf(route.response, route.batch), default: problemOf(route) },
  };
}

function bodyOf(body: NonNullable<Route['body']>, batch: boolean) {
  if (isUpload(body)) {
    const kinds = body.kind === 'upload' && body.mimeTypes !== 'any' ? `${body.mimeTypes.join(', ')}; ` : '';
    const fields = body.kind === 'upload' ? [] : Object.keys(body.fields.shape);
    const file = { type: 'string', format: 'binary', description: `${kinds}at most ${body.maxBytes} bytes` } as const;
    const properties = { ...Object.fromEntries(fields.map((name) => [name, { type: 'string' as const }])), file };
    const schema = { type: 'object' as const, properties, required: [...fields, 'file'] };
    return { required: true, content: { 'multipart/form-data': { schema } } };
  }
  // OpenAPI has no word for a stream of lines: under the type of the stream stands the schema of one line.
  const lines = batch ? { [NDJSON]: { schema: body } } : {};
  return { required: true, content: { 'application/json': { schema: body }, ...lines } };
}

function isUpload(body: NonNullable<Route['body']>): body is Upload | FileUpload {
  return 'kind' in body && (body.kind === 'upload' || body.kind === 'file-upload');
}

function accessText(access: Access): string {
  if (typeof access === 'object') return `Needs the permission \`${access.permission}\`.`;
  const words = {
    public: 'Open to anyone.',
    operators: 'Only from addresses of operators.',
    'signed-in': 'Any staff member, about themselves.',
    'shop-system': 'A shop system, by a signed request.',
    member: 'A person in the mini-program, by their token.',
  };
  return words[access];
}

function securityOf({ access, method }: Route): Array<Record<string, string[]>> {
  if (access === 'public' || access === 'operators') return [];
  if (access === 'shop-system') return [Object.fromEntries(Object.keys(signatureParts).map((name) => [name, []]))];
  if (access === 'member') return [{ member: [] }];
  return [method === 'GET' ? { session: [] } : { session: [], csrf: [] }, { token: [] }];
}

function successOf(answer: Answer<unknown>, batch: boolean): Record<string, ResponseConfig> {
  switch (answer.kind) {
    case 'json': {
      const lines = batch ? { [NDJSON]: { schema: BatchLine } } : {};
      const content = { 'application/json': { schema: answer.schema }, ...lines };
      return { [answer.status]: { description: 'Done', content } };
    }
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
