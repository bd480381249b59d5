/** One origin as in the demo: the preview at /m, a small /member/v1, and the simulated platform's calls below /phone/wx. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPreview } from '../../miniprogram/preview/build.js';
import { createPreviewHandler } from '../../miniprogram/preview/serve.js';
import { FakeMember } from './fake-member.js';
import type { Answer } from './fake-member.js';

export interface FakeShop {
  url: string;
  member: FakeMember;
  /** Bodies of the platform's calls, in order. */
  platform: Array<{ path: string; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

export async function openFakeShop(): Promise<FakeShop> {
  const folder = await mkdtemp(join(tmpdir(), 'huike-preview-'));
  await buildPreview({ outDir: folder });
  const preview = createPreviewHandler(folder);
  const member = new FakeMember();
  const platform: FakeShop['platform'] = [];
  const server = createServer((req, res) => void answer(req, res));
  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (await preview(req, res)) return;
    const url = new URL(req.url ?? '/', 'http://shop');
    const body = await readBody(req);
    if (url.pathname.startsWith('/phone/wx/')) {
      const path = url.pathname.slice('/phone/wx'.length);
      platform.push({ path, body: body as Record<string, unknown> });
      return send(res, platformAnswer(path, body as Record<string, unknown>, member));
    }
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
    const path = url.pathname.replace('/member/v1', '');
    send(res, member.answer({ method: req.method ?? 'GET', path, query: url.searchParams, body, token }));
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/m/?openid=o-lin&appid=wx-mini`,
    member,
    platform,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true });
    },
  };
}

function platformAnswer(path: string, body: Record<string, unknown>, member: FakeMember): Answer {
  const code = randomUUID();
  switch (path) {
    case '/logincode':
      member.codes.add(code);
      return { status: 200, body: { errMsg: 'login:ok', code } };
    case '/phonecode':
      return { status: 200, body: { errMsg: 'getPhoneNumber:ok', code } };
    case '/app':
      return { status: 200, body: { templates: [{ templateId: 'tpl-dispatch', title: '订单发货提醒' }] } };
    case '/people':
      return { status: 200, body: { items: [{ name: '林小满', openid: 'o-lin', hasPhone: true }] } };
    case '/subscribe': {
      const answers = body['answers'] as Array<{ templateId: string; accept: boolean }>;
      const said = answers.map(({ templateId, accept }) => [templateId, accept ? 'accept' : 'reject'] as const);
      return { status: 200, body: { errMsg: 'requestSubscribeMessage:ok', ...Object.fromEntries(said) } };
    }
    default:
      return { status: 200, body: { openid: body['openid'], pushed: true } };
  }
}

async function readBody(req: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}

function send(res: ServerResponse, { status, body }: Answer): void {
  res
    .writeHead(status, { 'content-type': 'application/json' })
    .end(body === undefined ? undefined : JSON.stringify(body));
}
