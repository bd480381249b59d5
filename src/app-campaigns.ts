/** Composition of what speaks to many: the contact policy as the corridor asks it, strategies started by the clock, broadcasts. Part of app.ts. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { Config } from './config.js';
import type { Domain, ReplaceInDomain } from './app-domain.js';
import { actions } from './actions/index.js';
import type { Channel, Route, Strategy } from './contracts/index.js';
import { createStandings } from './domain/contact/index.js';
import { broadcastCampaign, isLimited, strategyCampaign } from './domain/marketing/index.js';
import { createAcquaintance } from './flow/acquaintance.js';
import type { Act } from './flow/act.js';
import { createAdmit } from './flow/admit.js';
import { createEmit } from './flow/broadcasts/emit.js';
import { createForecast } from './flow/broadcasts/forecast.js';
import { createMassBatches } from './flow/broadcasts/mass-batches.js';
import { createMassSender } from './flow/broadcasts/mass.js';
import { createCampaignOutcomes } from './flow/broadcasts/outcomes.js';
import { createPrepare } from './flow/broadcasts/prepare.js';
import { createBroadcastRun } from './flow/broadcasts/run.js';
import { createTakeBack } from './flow/broadcasts/take-back.js';
import { createBroadcastWatch } from './flow/broadcasts/watch.js';
import { createJudging } from './flow/judging.js';
import type { OutboxRecord } from './flow/models.js';
import type { Outbox } from './flow/outbox.js';
import { createPortraitFollower } from './flow/portraits.js';
import { createRehearsals } from './flow/rehearsals.js';
import { createRehearse } from './flow/rehearse.js';
import type { Task } from './flow/schedule.js';
import { createStrategyRuns } from './flow/strategy-runs.js';
import { localTime } from './infra/clock.js';
import type { Clock } from './infra/clock.js';
import type { Logger } from './infra/logger.js';
import type { Database } from './infra/mongo.js';
import { triggers } from './triggers/index.js';

const HOUR_MS = 3_600_000;
/** Time of day of the daily scores. */
const SCORES_AT = '04:00';
/** Going through a large audience. */
const LONG_MS = HOUR_MS;
/** People of one mass send where no channel says. */
const MOST = 10_000;

interface PolicyParts {
  config: Config;
  clock: Clock;
  log: Logger;
  domain: Domain;
  replace: ReplaceInDomain;
  channel(name: string): Channel | undefined;
}

/** What `act`, `deliver` and `settle` ask of campaigns; needs no `act` itself. */
export function createPolicy({ config, clock, domain, replace, channel }: PolicyParts) {
  const { models } = domain;
  const standings = createStandings({
    ...domain,
    customers: models.people,
    conversations: models.chats,
    routesOf: (name) => routesOf(channel(name)),
    options: { enquiryHoldMs: config.contact.holds.enquiryHours * HOUR_MS },
  });
  const judging = createJudging({
    ...domain,
    standings,
    rules: config.contact,
    timeZone: config.timeZone,
    clock,
    ...(replace.judge ? { judge: replace.judge } : {}),
  });
  const acquaintance = createAcquaintance({
    ...domain,
    customers: models.people,
    portraits: models.segments.portraits,
    build: domain.portraits.build,
    actions,
    levelTitle: async (code) => {
      const { rules } = await domain.membership.programme.current(clock.now());
      return rules.levels.find((level) => level.code === code)?.title['zh-CN'] ?? code;
    },
    clock,
  });
  const { coupons, vouchers } = domain.membership;
  const admit = createAdmit({
    ...domain,
    judging,
    clock,
    coupon: (tx, couponId) => coupons.get(couponId, tx),
    grant: vouchers.grant,
  });
  const massBatches = createMassBatches(models.flow, {
    most: (name) => channel(name)?.capabilities.massSend?.most ?? MOST,
  });
  const takeBack = createTakeBack({
    ...domain,
    revoke: async (tx, voucherId, now) => {
      const voucher = await vouchers.get(voucherId, tx);
      const revoked = voucher && (await vouchers.revoke(tx, voucher, { reason: 'message.notSent', by: 'system' }, now));
      return revoked?.ok ? { owed: revoked.owed, amountOff: revoked.voucher.amountOff } : undefined;
    },
  });
  const campaigns = createCampaignOutcomes({
    ...domain,
    clock,
    takeBack,
    budgetOf: createBudgetOf(domain),
  });
  return { judging, acquaintance, admit, massBatches, campaigns, takeBack };
}

/** Of a broadcast's rows by the broadcast; of a strategy's by the version that decided, since its budget is the one that was asked. */
function createBudgetOf({ broadcasts, models }: Pick<Domain, 'broadcasts' | 'models'>) {
  return async (tx: ClientSession, row: OutboxRecord): Promise<string | undefined> => {
    const { broadcastId, strategy, purpose } = row;
    if (broadcastId !== undefined) {
      const { budget } = await broadcasts.get(broadcastId, tx);
      return isLimited(budget) ? broadcastCampaign(broadcastId) : undefined;
    }
    if (!strategy || (purpose !== 'care' && purpose !== 'promotion')) return undefined;
    const version = await models.marketing.versions
      .findById(`${strategy.code}@${strategy.version}`, { budget: 1 }, { session: tx })
      .lean();
    return version?.budget ? strategyCampaign(strategy.code) : undefined;
  };
}

/** A mass send is a call of its own, beside the routes of single messages. */
function routesOf(channel: Channel | undefined): readonly Route[] {
  const { routes = [], massSend } = channel?.capabilities ?? {};
  return massSend ? [...routes, 'mass-send'] : routes;
}

export type Policy = ReturnType<typeof createPolicy>;

/** What runs by the clock, and the forecast. */
export function createCampaigns(
  parts: PolicyParts & {
    outbox: Outbox;
    policy: Policy;
    act: Act;
    database: Database;
    strategiesInForce(): Promise<readonly Strategy[]>;
  },
) {
  const { config, clock, log, domain, outbox, channel, policy, act, database } = parts;
  const { models, segments } = domain;
  const { broadcastDays, autoPause } = config.marketing;
  const shared = { ...domain, ...policy, outbox, act, clock, log, broadcastDays, timeZone: config.timeZone };
  const { coupons, vouchers } = domain.membership;
  const watch = createBroadcastWatch({
    ...shared,
    limits: { ...autoPause, minimum: { messages: autoPause.minimum, cases: 3 } },
  });
  const run = createBroadcastRun({
    ...shared,
    prepare: createPrepare(shared),
    emit: createEmit({
      ...shared,
      coupons,
      grant: (tx, standing, request, now) =>
        vouchers.grant(
          tx,
          { id: new Types.ObjectId(standing.personId), customerIds: [...standing.customerIds] },
          request,
          now,
        ),
    }),
  });
  const mass = createMassSender({
    ...shared,
    channel,
    pause: watch.pause,
    sendTimeoutMs: config.delivery.sendTimeoutSeconds * 1000,
    maxAttempts: config.delivery.maxAttempts,
  });
  const strategyRuns = createStrategyRuns({
    models: models.flow,
    act,
    clock,
    timeZone: config.timeZone,
    log,
    segments,
    outbox,
    strategiesInForce: parts.strategiesInForce,
    triggers,
  });
  const follower = createPortraitFollower({
    models: models.flow,
    database,
    portraits: domain.portraits,
    clock,
  });
  const countWaiting = async (): Promise<void> => {
    while (await segments.counts.runNext());
  };
  /** Once a day, in the small hours or whenever the server is up after them. */
  const scoreDaily = async (): Promise<void> => {
    const now = clock.now();
    const today = localTime(now, config.timeZone);
    // Also one that found too few people: it is not asked again the same day.
    const [last] = await domain.insight.runs({ limit: 1 });
    if (
      today.time < SCORES_AT ||
      (last && last.state !== 'running' && localTime(last.asOf, config.timeZone).date === today.date)
    )
      return;
    await domain.insight.run(now);
  };
  const tasks: Task[] = [
    { name: 'portraits', everyMs: 500, run: async () => void (await follower.run()) },
    { name: 'broadcasts', everyMs: 1000, limitMs: LONG_MS, alone: true, run: run.run },
    { name: 'mass sends', everyMs: 1000, limitMs: LONG_MS, alone: true, run: mass.run },
    { name: 'counts', everyMs: 500, limitMs: LONG_MS, alone: true, run: countWaiting },
    { name: 'scores', everyMs: 600_000, limitMs: LONG_MS, alone: true, run: scoreDaily },
    { name: 'watch', everyMs: 10_000, alone: true, run: watch.run },
    { name: 'strategies', everyMs: 20_000, limitMs: LONG_MS, alone: true, run: strategyRuns.run },
  ];
  const rehearsals = createRehearsals({
    rehearsals: models.flow.rehearsals,
    rehearse: createRehearse({
      models: models.flow,
      customers: models.people,
      portraits: models.segments.portraits,
      build: domain.portraits.build,
      segments,
      ...policy,
      routesOf: (name) => routesOf(channel(name)),
      rules: { triggers, actions },
      timeZone: config.timeZone,
    }),
    clock,
    log,
  });
  return { tasks, follower, rehearsals, forecast: createForecast({ ...shared, segments, coupons }) };
}

export type Campaigns = ReturnType<typeof createCampaigns>;
