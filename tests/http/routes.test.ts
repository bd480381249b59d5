/** Every declared console route, by the same beats: who may not, what is wrong, what works. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { permissions, staffRoles } from '../../src/contracts/index.js';
import type { FieldProblem, Permission, StaffRole } from '../../src/contracts/index.js';
import { may } from '../../src/domain/staff/index.js';
import type { StaffModule } from '../../src/domain/staff/index.js';
import { json, route } from '../../src/http/route.js';
import type { Route } from '../../src/http/route.js';
import { createHttpServer } from '../../src/http/server.js';
import { log } from '../domain/staff/setup.js';
import { startApp } from './app.js';
import type { Person, TestApp } from './app.js';
import { fakes } from './fakes.js';
import { samples } from './samples.js';
import type { Sample } from './samples.js';

let app: TestApp;
const people = {} as Record<StaffRole, Person>;
beforeAll(async () => {
  app = await startApp();
  for (const role of staffRoles) people[role] = await app.person(role);
});
afterAll(() => app.close());

/** Permissions that no route asks for yet. */
const unused: Permission[] = [];

const names = Object.keys(samples);
const sampleOf = (name: string): Sample => samples[name] ?? { path: '', status: 0 };
const methodOf = (name: string): string => name.split(' ')[0] ?? '';
/** Known before anything runs, so that each test is made for the routes it is about. */
const { routes } = createHttpServer(fakes().ports, {} as StaffModule, {
  publicUrl: 'http://localhost',
  trustProxy: false,
  log,
});
const routeOf = (name: string): Route => {
  const found = routes.find((declared) => `${declared.method} ${declared.path}` === name);
  if (!found) throw new Error(`${name} is not declared`);
  return found;
};
const permissionOf = ({ access }: Route): Permission | undefined =>
  typeof access === 'object' ? access.permission : undefined;
const refusedRoles = (name: string): StaffRole[] => {
  const permission = permissionOf(routeOf(name));
  return staffRoles.filter((role) => permission !== undefined && !may(role, permission));
};
const hasInput = ({ params, query, body }: Route): boolean =>
  params !== undefined || query !== undefined || (body !== undefined && !('kind' in body));
const ask = (name: string, as: Person | undefined, more: object = {}) => {
  const sample = sampleOf(name);
  return app.request(methodOf(name), sample.path, { ...sample.more?.(), as, ...more });
};

describe('the declared routes', () => {
  it('are exactly those with a sample here', () => {
    const declared = app.server.routes
      .filter(({ path }) => path.startsWith('/console/'))
      .map(({ method, path }) => `${method} ${path}`);
    expect([...declared].sort()).toEqual([...names].sort());
    expect(new Set(declared).size).toBe(declared.length);
  });

  it('leave only signing in and the captcha open', () => {
    const open = app.server.routes.filter(({ access, path }) => access === 'public' && path.startsWith('/console/'));
    expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /console/v1/session',
      'GET /console/v1/captcha',
    ]);
  });

  it('use every permission of the table, and log every write', () => {
    const used = new Set(app.server.routes.map(permissionOf).filter(Boolean));
    expect([...used, ...unused].sort()).toEqual([...permissions].sort());
    for (const { method, audit, path, reads } of app.server.routes) {
      const writes = path.startsWith('/console/') && method !== 'GET' && !reads;
      expect([path, audit !== undefined]).toEqual([path, writes]);
    }
  });

  it('cannot be declared without access, nor a write without its word for the audit log', () => {
    const rest = {
      path: '/x',
      limit: 'none',
      summary: '',
      response: json(z.string()),
      handle: async () => '',
    } as const;
    // @ts-expect-error access is missing
    route({ method: 'GET', ...rest });
    // @ts-expect-error audit is missing
    route({ method: 'POST', access: 'public', ...rest });
    // @ts-expect-error a write open to anyone says by null that it has none
    route({ method: 'POST', access: 'public', audit: undefined, ...rest });
    // @ts-expect-error shop systems and members have no rows in the audit log
    route({ method: 'POST', access: 'shop-system', audit: 'order.add', ...rest });
    // @ts-expect-error only routes of shop systems take batches
    route({ method: 'POST', access: 'member', batch: true, ...rest });
    // @ts-expect-error the lines of a batch are answered with the id of what they name
    route({ method: 'POST', access: 'shop-system', batch: true, ...rest });
    // @ts-expect-error there is no such permission
    route({ method: 'GET', access: { permission: 'inbox.burn' }, ...rest });
    expect(route({ method: 'GET', access: 'public', ...rest }).access).toBe('public');
  });
});

describe('the permission table', () => {
  it('gives admins everything, managers all but letting in people and programs, and each role what its work needs', () => {
    const table = Object.fromEntries(
      staffRoles.map((role) => [role, permissions.filter((permission) => may(role, permission))]),
    );
    expect(table).toEqual({
      admin: [...permissions],
      manager: permissions.filter((permission) => permission !== 'staff.manage' && permission !== 'keys.manage'),
      marketer: [
        'customers.read',
        'strategies.read',
        'strategies.edit',
        'scenes.read',
        'scenes.edit',
        'segments.read',
        'segments.edit',
        'broadcasts.read',
        'broadcasts.edit',
        'broadcasts.approve',
        'promotion.stop',
        'dashboard.read',
        'membership.read',
        'membership.edit',
        'imports.manage',
        'system.read',
      ],
      agent: [
        'inbox.read',
        'inbox.reply',
        'customers.read',
        'customers.edit',
        'membership.read',
        'points.adjust',
        'vouchers.grant',
        'staff.read',
      ],
    });
  });
});

const closed = names.filter((name) => routeOf(name).access !== 'public');
const forRoles = names.filter((name) => refusedRoles(name).length > 0);
const writes = closed.filter((name) => methodOf(name) !== 'GET');
const withInput = names.filter((name) => hasInput(routeOf(name)));
const plain = names.filter((name) => !sampleOf(name).ownTest);

describe('401', () => {
  it.each(closed)('%s: without a session, with a wrong one, with a wrong token', async (name) => {
    const wrong = [
      {},
      { Cookie: `huike_session=${'x'.repeat(43)}` },
      { Authorization: `Bearer huike_pat_${'x'.repeat(43)}` },
    ];
    for (const headers of wrong) {
      const answer = await ask(name, undefined, { headers });
      expect([answer.status, answer.body['code']]).toEqual([401, 'session.required']);
    }
  });
});

describe('403 without the permission', () => {
  it('can be seen on every route but those whose permission every role has', () => {
    const missing = closed.filter((name) => permissionOf(routeOf(name)) && !forRoles.includes(name));
    expect(new Set(missing.map((name) => permissionOf(routeOf(name))))).toEqual(
      new Set(['customers.read', 'membership.read']),
    );
  });

  it.each(forRoles)('%s: before the input is looked at, and logged', async (name) => {
    for (const role of refusedRoles(name)) {
      const before = app.calls.length;
      const broken = methodOf(name) === 'GET' ? {} : { raw: '{' };
      const answer = await app.request(methodOf(name), sampleOf(name).path, { as: people[role], ...broken });
      expect([answer.status, answer.body['code']]).toEqual([403, 'permission.denied']);
      expect(app.calls.length).toBe(before);
      const [newest] = (await app.staff.audit.list({ limit: 1 })).items;
      expect(newest).toMatchObject({ staffId: people[role].id, outcome: 'refused' });
    }
  });
});

describe('403 without the CSRF token of the session', () => {
  it.each(writes)('%s', async (name) => {
    const before = app.calls.length;
    for (const csrf of [null, '', 'x'.repeat(43), people.agent.csrfToken]) {
      const answer = await ask(name, people.admin, { csrf });
      expect([answer.status, answer.body['code']]).toEqual([403, 'session.csrf']);
    }
    expect(app.calls.length).toBe(before);
  });
});

describe('400 naming every wrong field', () => {
  it('has a wrong request for every route that takes input', () => {
    expect(names.filter((name) => sampleOf(name).wrong)).toEqual(withInput);
  });

  it.each(withInput)('%s', async (name) => {
    const { wrong, path } = sampleOf(name);
    const before = app.calls.length;
    const more = { ...sampleOf(name).more?.(), ...wrong?.more?.(), as: people.admin };
    const answer = await app.request(methodOf(name), wrong?.path ?? path, more);
    expect([answer.status, answer.body['code']]).toEqual([400, 'request.invalid']);
    const errors = answer.body['errors'] as FieldProblem[];
    expect(errors.map((error) => error.path).sort()).toEqual([...(wrong?.fields ?? [])].sort());
    for (const error of errors) {
      expect(error).toEqual({ path: error.path, code: expect.any(String), message: expect.any(String) });
    }
    expect(app.calls.length).toBe(before);
  });
});

describe('with permission and good input', () => {
  it.each(plain)('%s works, and a write is logged', async (name) => {
    const answer = await ask(name, people.admin);
    expect([answer.status, answer.text.slice(0, 200)]).toEqual([sampleOf(name).status, expect.any(String)]);
    if (methodOf(name) === 'GET') return;
    const [newest] = (await app.staff.audit.list({ limit: 1 })).items;
    const { audit, reads } = routeOf(name);
    // A question that only has a body because it is long changes nothing.
    if (reads) return;
    expect(newest).toMatchObject({ staffId: people.admin.id, outcome: 'done', action: audit, address: '127.0.0.1' });
  });
});
