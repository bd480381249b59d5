/** The shape of the configuration: every key, its limits and its unit. Holds no values (they are in config/) and reads nothing. */
import { z } from 'zod';
import { MiniProgramAccount } from './channels/mini-program/account.js';
import { OfficialAccount } from './channels/official-account/account.js';
import { WechatyAccount } from './channels/wechaty/account.js';
import {
  LevelRules,
  consentChannels,
  consentPurposes,
  GrowthRules,
  PointsRules,
  StaffRole,
} from './contracts/index.js';

const count = z.int().min(0);
const atLeastOne = z.int().min(1);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 08:00');
const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an address that starts with http:// or https://' });

/** How many customer messages one action of the person allows, for how long; some are kept for people, the rest automation may use. */
const creditRule = z
  .strictObject({
    messages: count,
    hours: z.number().positive().optional(),
    minutes: z.number().positive().optional(),
    keptForPeople: count.default(0),
  })
  .refine((rule) => (rule.hours === undefined) !== (rule.minutes === undefined), 'expected either hours or minutes')
  .refine((rule) => rule.keptForPeople <= rule.messages, 'keptForPeople is more than messages')
  .transform(({ messages, hours, minutes, keptForPeople }) => ({
    messages,
    lastsMs: Math.round((hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000),
    keptForPeople,
  }));

/** The platform's numbers that hold from `from` on (midnight in Asia/Shanghai, where the platform's day begins). */
const officialAccountQuota = z.strictObject({
  from: z.iso.date('expected a date such as 2023-01-01'),
  message: creditRule,
  menu: creditRule,
  follow: creditRule,
  scan: creditRule,
  massSendsPerMonth: count,
});

const miniProgramQuota = z.strictObject({
  from: z.iso.date('expected a date such as 2023-01-01'),
  message: creditRule,
  enter: creditRule,
});

const dated = <T extends z.ZodType<{ from: string }>>(table: T) =>
  z
    .array(table)
    .min(1, 'expected at least one table')
    .refine(
      (tables) => tables.every((t, i) => i === 0 || t.from > (tables[i - 1]?.from ?? '')),
      'expected the tables in order of `from`, each date once',
    );

const accounts = <T extends z.ZodType<{ id: string }>>(account: T) =>
  z.array(account).superRefine((all, ctx) => {
    all.forEach(({ id }, i) => {
      if (all.findIndex((other) => other.id === id) !== i) {
        ctx.addIssue({ code: 'custom', path: [i, 'id'], message: 'this id is used twice' });
      }
    });
  });

const channels = z
  .strictObject({
    'official-account': accounts(OfficialAccount),
    'mini-program': accounts(MiniProgramAccount),
    wechaty: accounts(WechatyAccount),
  })
  .refine(
    (all) => {
      const official = new Set(all['official-account'].map(({ id }) => id));
      return !all['mini-program'].some(({ id }) => official.has(id));
    },
    { path: ['mini-program'], message: 'an id is used by an official account and a mini-program; give each its own' },
  );

const delivery = z
  .strictObject({
    leaseSeconds: atLeastOne,
    sendTimeoutSeconds: z.number().positive(),
    passiveLeaseSeconds: atLeastOne,
    passiveBudgetMs: z.int().min(0).max(4000, 'the platform waits 5 seconds for an answer, so at most 4000'),
    storeWithinMs: z.int().min(0).max(4500, 'the platform waits 5 seconds for an answer, so at most 4500'),
    maxAttempts: atLeastOne,
    /** Messages a second and account. */
    ratePerSecond: z.strictObject({ replies: z.number().positive(), bulk: z.number().positive() }),
    /** Sends under way at once, per account and process. */
    concurrency: z.strictObject({ replies: atLeastOne, bulk: atLeastOne }),
  })
  .refine((d) => d.sendTimeoutSeconds < d.leaseSeconds, {
    path: ['sendTimeoutSeconds'],
    message: 'must be shorter than leaseSeconds, or two processes could send one message',
  });

const security = z.strictObject({
  sessionHours: z.number().positive(),
  /** A session ends after so long even when it is used. */
  sessionMaxDays: z.number().positive(),
  /** Wrong passwords before the account, or the address they come from, is locked. */
  lockoutFailures: atLeastOne,
  lockoutAddressFailures: atLeastOne,
  lockoutMinutes: z.number().positive(),
  /** Wrong passwords before a captcha is asked for, by account and by address; 0 asks always. */
  captchaAfterFailures: count,
  captchaAfterAddressFailures: count,
  /**
   * Requests a minute: sign-ins by address, the console by staff member, webhooks by address, shop systems by key (a batch counts once),
   * members by person, their sign-ins by address.
   */
  rateLimits: z.strictObject({
    signInPerMinute: atLeastOne,
    consolePerMinute: atLeastOne,
    webhookPerMinute: atLeastOne,
    shopSystemPerMinute: atLeastOne,
    memberPerMinute: atLeastOne,
    memberSignInPerMinute: atLeastOne,
  }),
});

const secretKey = z
  .string()
  .refine((text) => parseSecretKey(text) !== undefined, 'expected id:base64, where base64 holds 32 bytes');

/** The id and bytes of `id:base64`, or undefined when it is not one key of 32 bytes. */
export function parseSecretKey(text: string): { id: string; key: Buffer } | undefined {
  const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=?)$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  const key = Buffer.from(match[2], 'base64');
  return key.length === 32 ? { id: match[1], key } : undefined;
}

/** Nobody, this machine, or a list of addresses and networks. */
const addresses = z.union(
  [z.literal(false), z.literal('loopback'), z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))],
  {
    error: 'expected false, loopback, or a list of addresses and networks',
  },
);

/** What a member reads before joining; a changed text takes a new version, which those who join from then on agree to. */
const memberText = z.strictObject({
  version: z.string().trim().min(1).max(40),
  text: z.string().trim().min(1).max(5000),
});

/** The most that one adjustment may move, by staff role; what is more takes a role with more. */
const staffLimit = z.strictObject({ points: count, voucherFen: count });

export const ConfigSchema = z.strictObject({
  publicUrl: httpUrl.transform((url) => url.replace(/\/+$/, '')),
  host: z.string().min(1),
  port: z.coerce.number().int().min(0).max(65535),
  trustProxy: addresses,
  operatorsFrom: addresses,
  timeZone: z.string().refine(isTimeZone, 'expected a time zone such as Asia/Shanghai'),
  dataDir: z.string().min(1),
  mongodbUri: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'expected an address that starts with mongodb:// or mongodb+srv://')
    .optional(),
  redisUrl: z
    .string()
    .regex(/^rediss?:\/\//, 'expected an address that starts with redis:// or rediss://')
    .optional(),
  /** Newest first: the first one encrypts, all of them decrypt, the last one derives the key of the blind indexes. */
  secretKeys: z
    .array(secretKey)
    .min(1)
    .refine((keys) => new Set(keys.map((k) => k.split(':')[0])).size === keys.length, 'a key id is used twice')
    .optional(),
  clockFile: z.string().min(1).optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  quota: z.strictObject({
    'official-account': dated(officialAccountQuota),
    'mini-program': dated(miniProgramQuota),
  }),
  points: PointsRules,
  growth: GrowthRules,
  levels: LevelRules,
  staffLimits: z.record(StaffRole, staffLimit),
  orders: z.strictObject({
    closesAfterMinutes: atLeastOne,
    chase: z.strictObject({ firstAtShare: z.number().gt(0).lt(1), lastMinutesBefore: atLeastOne }),
  }),
  identity: z.strictObject({ phoneValidDays: atLeastOne, freezeHours: count }),
  memberTexts: z.strictObject({
    privacy: memberText,
    consents: z.array(memberText.extend({ purpose: z.enum(consentPurposes), channel: z.enum(consentChannels) })),
  }),
  contact: z.strictObject({
    quietHours: z.strictObject({ from: clockTime, to: clockTime }),
    /** Promotional messages one person may get, over all campaigns and channels, in so many days. */
    caps: z.array(z.strictObject({ days: atLeastOne.max(90), most: count })).max(5),
    /** Days without promotion, in the shop's zone. */
    holidays: z.array(z.iso.date('expected a date such as 2026-12-13')).max(100),
    holds: z.strictObject({ enquiryHours: z.number().min(0), refundDays: z.number().min(0) }),
    /** Days before points expire and before a level ends on which the member is told. */
    warnings: z.strictObject({
      pointsDays: z.array(atLeastOne).max(6),
      levelDays: z.array(atLeastOne).max(6),
      hour: z.int().min(0).max(23),
    }),
  }),
  marketing: z.strictObject({
    /** Above either, a second person approves a broadcast after a delivered test. */
    approval: z.strictObject({ people: count, costFen: count }),
    /** What pauses a running broadcast by itself: shares of those reached, judged from so many on. */
    autoPause: z.strictObject({
      unfollowShare: z.number().gt(0).max(1),
      refusalShare: z.number().gt(0).max(1),
      minimum: atLeastOne,
    }),
    /** A broadcast that nobody gave an end stops trying so many days after its start. */
    broadcastDays: atLeastOne.max(30),
    /** Days between two orders of a category, until enough is known of the shop itself. */
    repurchaseDays: z.strictObject({ default: atLeastOne, categories: z.record(z.string().min(1), atLeastOne) }),
  }),
  delivery,
  retention: z.strictObject({
    rawDays: atLeastOne,
    keyDays: atLeastOne,
    auditDays: atLeastOne,
  }),
  security,
  channels,
});

export type ConfigFile = z.output<typeof ConfigSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
