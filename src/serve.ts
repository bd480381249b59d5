/** One server process: configuration, the app, the asked process roles, and a clean end. */
import { parseArgs } from 'node:util';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from './app.js';
import type { Replace } from './app.js';
import { loadConfig } from './config.js';
import type { Config } from './config.js';
import { StartProblem } from './errors.js';
import { createHttpServer } from './http/server.js';
import { createLifecycle } from './infra/lifecycle.js';
import { createLogger } from './infra/logger.js';

export const processRoles = ['web', 'worker', 'bot'] as const;
export type ProcessRole = (typeof processRoles)[number];

export interface ServeOptions {
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Where the built console lies. */
  consoleDir: string;
  /** Guards replaced by a test. */
  replace?: Replace;
  /** Told once everything runs; the parent of a child process waits for it. */
  onReady?: (listening: { port: number | undefined }) => void;
}

/** Serves until a signal. @throws StartProblem when it cannot start. */
export async function serve(options: ServeOptions): Promise<void> {
  const config = loadConfig({ env: options.env, cwd: options.cwd });
  const roles = rolesOf(options.argv, config);
  const log = createLogger({ level: config.logLevel });
  const lifecycle = createLifecycle(log);
  const app = await lifecycle.start(
    'app',
    () => createApp({ config, log, ...(options.replace ? { replace: options.replace } : {}) }),
    (part) => part.close(),
  );
  const [web, worker, bot] = (['web', 'worker', 'bot'] as const).map((role) => roles.includes(role));
  await app.startChannels({ web: web === true, bot: bot === true });
  app.startWork({ worker: worker === true, bot: bot === true });
  const listening = roles.includes('web')
    ? await lifecycle.start(
        'http',
        () => listen(),
        (part) => part.close(),
      )
    : undefined;
  log.info({ roles, port: listening?.port, queue: config.redisUrl ? 'bull' : 'in-process' }, 'Huike is running');
  options.onReady?.({ port: listening?.port });
  await lifecycle.untilSignal();

  function listen() {
    const server = createHttpServer(app.ports, app.staff, {
      publicUrl: config.publicUrl,
      trustProxy: config.trustProxy,
      operatorsFrom: config.operatorsFrom,
      log,
      limits: config.security.rateLimits,
      metrics: app.metrics,
      ...(existsSync(join(options.consoleDir, 'index.html')) ? { consoleDir: options.consoleDir } : {}),
    });
    return server.listen({ host: config.host, port: config.port });
  }
}

function readArgs(argv: readonly string[]): { roles?: string } {
  try {
    const { values } = parseArgs({ args: [...argv], options: { roles: { type: 'string' } }, strict: true });
    return values.roles === undefined ? {} : { roles: values.roles };
  } catch (error) {
    throw new StartProblem(
      `${error instanceof Error ? error.message.split('\n')[0] : 'Wrong arguments'}. The one option is --roles web,worker,bot.`,
    );
  }
}

function rolesOf(argv: readonly string[], config: Config): ProcessRole[] {
  const values = readArgs(argv);
  if (!values.roles) return [...processRoles];
  const asked = values.roles.split(',').map((role) => role.trim());
  const unknown = asked.filter((role) => !(processRoles as readonly string[]).includes(role));
  if (unknown.length)
    throw new StartProblem(
      `--roles: there is no process role "${unknown.join('", "')}". Choose from ${processRoles.join(', ')}.`,
    );
  const split = processRoles.some((role) => role !== 'bot' && !asked.includes(role));
  if (split && !(config.redisUrl && config.mongodbUri)) {
    throw new StartProblem(
      'Separate process roles share one queue and one database: set REDIS_URL and MONGODB_URI, or run all roles in one process.',
    );
  }
  return asked as ProcessRole[];
}
