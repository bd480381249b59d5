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

export function createLogger(options: { level: string; name?: string; to?: NodeJS.WritableStream }): Logger {
  const settings = {
    level: options.level,
    base: options.name ? { name: options.name } : null,
    redact: { paths: secretPaths, censor: '[hidden]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorForLog },
  };
  return options.to ? pino(settings, options.to) : pino(settings);
}

/**
 * What of an error may be logged. The database driver's errors carry the documents that could not be written, and name the
 * values of a duplicate key: both may be what a customer wrote, so only name, code and the message without values are kept.
 */
export function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: withoutValues(error.message),
    stack: withoutValues(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: errorForLog(error.cause) }),
  };
}

const withoutValues = (text: string): string => text.replace(/dup key: \{.*?\}/gs, 'dup key');
