/** Structured logs. Ids and codes only: never message text, tokens, secrets or phone numbers. */
import { pino } from 'pino';
import type { Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

const secretPaths = [
  '*.password',
  '*.secret',
  '*.appSecret',
  '*.token',
  '*.encodingAesKey',
  '*.access_token',
  'req.headers.cookie',
  'req.headers.authorization',
];

export function createLogger(options: { level: string; name?: string }): Logger {
  return pino({
    level: options.level,
    base: options.name ? { name: options.name } : null,
    redact: { paths: secretPaths, censor: '[hidden]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
