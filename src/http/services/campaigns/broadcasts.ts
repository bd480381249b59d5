/** What the routes of broadcasts mean: reads, and every step through `act` under the asker's door. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { BroadcastDraft, FieldProblem, SegmentRule } from '../../../contracts/index.js';
import { customerName } from '../../../domain/customers/index.js';
import type { CustomerReads } from '../../../domain/customers/index.js';
import { AUDIENCE_GREW, lint, textsOf } from '../../../domain/marketing/index.js';
import type {
  Audience,
  AudiencePlace,
  BroadcastLimits,
  BroadcastRecord,
  Broadcasts,
  By,
  Changed,
  ForbiddenWord,
} from '../../../domain/marketing/index.js';
import type { Coupons } from '../../../domain/membership/index.js';
import { may } from '../../../domain/staff/index.js';
import { RequestProblem } from '../../../errors.js';
import type { Act, Acting } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { Actor, BroadcastsPort } from '../../ports.js';
import { createChange, namesOf } from '../console/acting.js';
import type { NameOf } from '../console/acting.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import type { createForecastJobs } from './forecasts.js';
import type { Preview } from './preview.js';
import type { createResults } from './results.js';
import type { SendTest } from './test-send.js';
import { peopleOf, presentAudiencePerson, presentBroadcast, presentBroadcastSummary } from './views.js';

export interface BroadcastsServiceParts {
  act: Act;
  clock: Clock;
  broadcasts: Broadcasts;
  audience: Pick<Audience, 'page'>;
  coupons: Pick<Coupons, 'get'>;
  customerReads: Pick<CustomerReads, 'getMany'>;
  nameOf: NameOf;
  limits: BroadcastLimits;
  words: readonly ForbiddenWord[];
  /** What is wrong with an audience. */
  checkRule(rule: SegmentRule): Promise<FieldProblem[]>;
  forecasts: ReturnType<typeof createForecastJobs>;
  preview: Preview;
  sendTest: SendTest;
  results: ReturnType<typeof createResults>['results'];
}

type Step = (tx: ClientSession, by: By, acting: Acting) => Promise<Pick<Changed, 'broadcast' | 'events'>>;

export function createBroadcastsService(parts: BroadcastsServiceParts): BroadcastsPort {
  const { broadcasts, clock } = parts;
  const change = createChange(parts.act);

  async function present(one: BroadcastRecord) {
    const names = await namesOf(parts.nameOf, peopleOf(one));
    return presentBroadcast(one, { names, limits: parts.limits, warnings: lint(textsOf(one.message), parts.words) });
  }

  async function take(by: Actor, step: Step) {
    const changed = await change(by, async (tx, acting) => {
      const { broadcast, events } = await step(tx, { staffId: by.staffId, at: clock.now() }, acting);
      return { events, result: broadcast };
    });
    return present(changed);
  }

  const list: BroadcastsPort['list'] = async ({ state, limit, cursor }) => {
    const after = positionOf(cursor);
    const found = await broadcasts.page({ limit: limit + 1, ...(state ? { state } : {}), ...(after ? { after } : {}) });
    const names = await namesOf(
      parts.nameOf,
      found.map(({ author }) => author),
    );
    const place = ({ changedAt, _id }: BroadcastRecord): string => cursorOf(changedAt, _id);
    return toPage(found, limit, (one) => presentBroadcastSummary(one, names), place);
  };

  async function put(id: string | null, draft: BroadcastDraft, by: Actor) {
    const errors = [...(await audienceProblems(draft)), ...(await couponProblems(draft))];
    if (errors.length) throw new RequestProblem(400, 'request.invalid', 'Some fields are wrong.', { errors });
    return take(by, (tx, as) => broadcasts.put(tx, id, draft, as));
  }

  const audienceProblems = async ({ audience }: BroadcastDraft): Promise<FieldProblem[]> =>
    (await parts.checkRule(audience)).map((one) => ({
      ...one,
      path: ['audience', one.path].filter(Boolean).join('.'),
    }));

  async function couponProblems({ couponId }: BroadcastDraft): Promise<FieldProblem[]> {
    if (!couponId || (await parts.coupons.get(new Types.ObjectId(couponId)))) return [];
    return [{ path: 'couponId', code: 'coupon.notFound', message: 'there is no such coupon' }];
  }

  const test: BroadcastsPort['test'] = (id, asked, by) =>
    take(by, async (tx, { at }, acting) => {
      const events = await parts.sendTest(tx, acting, { ...asked, id, at }, by);
      return { broadcast: await broadcasts.get(id, tx), events };
    });

  /** One that was stopped because it had outgrown its approval is approved with this step. */
  const resume: BroadcastsPort['resume'] = (id, by) =>
    take(by, async (tx, as) => {
      const { state, paused } = await broadcasts.get(id, tx);
      if (state === 'paused' && paused?.reason === AUDIENCE_GREW && !may(by.role, 'broadcasts.approve')) {
        throw new RequestProblem(403, 'permission.denied', 'This needs the permission broadcasts.approve.');
      }
      return broadcasts.resume(tx, id, as);
    });

  const audience: BroadcastsPort['audience'] = async (id, { state, reason, wentBy, limit, cursor }) => {
    const { _id } = await broadcasts.get(id);
    const filter = {
      ...(state ? { state } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(wentBy ? { wentBy } : {}),
    };
    const after = placeOf(cursor);
    const found = await parts.audience.page(_id, filter, { limit: limit + 1, ...(after ? { after } : {}) });
    const people = await parts.customerReads.getMany(found.map(({ customerId }) => customerId));
    const names = new Map(people.map((one) => [String(one._id), customerName(one)]));
    const place = (row: { state: string; reason: string; _id: string }): string =>
      Buffer.from(JSON.stringify([row.state, row.reason, row._id])).toString('base64url');
    return toPage(found, limit, (row) => presentAudiencePerson(row, names), place);
  };

  return {
    list,
    audience,
    test,
    resume,
    get: async (id) => present(await broadcasts.get(id)),
    add: (body, by) => put(null, body, by),
    put: (id, body, by) => put(id, body, by),
    startForecast: parts.forecasts.start,
    forecast: parts.forecasts.get,
    preview: async (id, { customerId }) => parts.preview(await broadcasts.get(id), customerId),
    submit: (id, by) => take(by, (tx, as) => broadcasts.submit(tx, id, as)),
    approve: (id, { revision }, by) => take(by, (tx, as) => broadcasts.approve(tx, id, revision, as)),
    reject: (id, { reason }, by) => take(by, (tx, as) => broadcasts.reject(tx, id, reason, as)),
    start: (id, by) => take(by, (tx, as) => broadcasts.start(tx, id, as)),
    pause: (id, { reason }, by) => take(by, (tx, as) => broadcasts.pause(tx, id, reason, as)),
    cancel: (id, { reason }, by) => take(by, (tx, as) => broadcasts.cancel(tx, id, reason, as)),
    copy: (id, { name }, by) => take(by, (tx, as) => broadcasts.copy(tx, id, name, as)),
    summary: (id, words, by) => take(by, (tx, as) => broadcasts.summary(tx, id, words, as)),
    results: parts.results,
  };
}

/** @throws 400 request.invalid when the cursor is none of this list. */
function placeOf(cursor: string | undefined): AudiencePlace | undefined {
  if (!cursor) return undefined;
  const read = parsed(Buffer.from(cursor, 'base64url').toString());
  if (Array.isArray(read) && read.length === 3 && read.every((part) => typeof part === 'string')) {
    const [state, reason, id] = read as [AudiencePlace['state'], string, string];
    return { state, reason, id };
  }
  const errors = [{ path: 'query.cursor', code: 'invalid', message: 'expected a nextCursor of this list' }];
  throw new RequestProblem(400, 'request.invalid', 'The cursor is wrong.', { errors });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
