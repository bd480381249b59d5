/** What the configuration says of one personal account. Owns the schema only; nothing here loads wechaty. */
import { z } from 'zod';

/** Delays beyond this would be no answer any more. */
const MAX_DELAY_SECONDS = 600;
const seconds = z.number().min(0).max(MAX_DELAY_SECONDS);

const limits = z.strictObject({
  /** Between taking a message and sending it, drawn at random, in seconds. */
  delaySeconds: z
    .tuple([seconds, seconds])
    .refine(([from, to]) => from <= to, 'expected the shorter delay first')
    .default([3, 8]),
  /** Messages a day (Asia/Shanghai), to all people together. */
  perDay: z.int().min(0).default(200),
});

/**
 * `puppet` is the npm name of a wechaty puppet, or `service` for wechaty-puppet-service; `puppetOptions` go to it as they are.
 * Running a personal account by software is against WeChat's terms of use, and accounts have been closed for it: `risk` names who accepts that.
 * https://wechaty.js.org/docs/puppet-providers/ , https://weixin.qq.com/agreement
 */
export const WechatyAccount = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/, 'expected lower-case letters, digits and hyphens, 40 at most'),
  puppet: z
    .string()
    .regex(/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/, 'expected the npm name of a puppet, or service')
    .transform((name) => (name === 'service' ? 'wechaty-puppet-service' : name)),
  puppetOptions: z.record(z.string(), z.unknown()).default({}),
  risk: z.strictObject(
    {
      acceptedBy: z.string().trim().min(2, 'expected the name of the person who accepts the risk'),
      acceptedAt: z.iso.date('expected a date such as 2026-12-01'),
    },
    {
      error:
        'expected {acceptedBy, acceptedAt}: running a personal account by software is against the platform’s terms and may cost the account',
    },
  ),
  /** Groups in which the account answers when it is mentioned, by id or by name. */
  rooms: z.array(z.string().min(1)).max(500).default([]),
  limits: limits.prefault({}),
});
export type WechatyAccount = z.output<typeof WechatyAccount>;
