/**
 * The simulated WeChat: the platform's HTTP API on one port, the control API and the phone page on another. State is in
 * memory. Imports nothing of the product; the product reaches it only as it would reach the platform.
 */
import { handleApi } from './api.js';
import { makeClock } from './clock.js';
import { handleControl } from './control.js';
import { defaultCreditRules, type CreditRules } from './credits.js';
import { listen, problem, type Request } from './http.js';
import { handlePhone, openPhoneSocket } from './phone-server.js';
import { World } from './state.js';

export interface SimulatorOptions {
  host?: string;
  /** 0 takes a free port. */
  port?: number;
  controlPort?: number;
  /** Shares the business clock's offset in ms with other processes. */
  clockFile?: string | undefined;
  /** Nothing but the clock file is ever written; accepted so that a launcher can say so. */
  dataless?: true;
  /** 5 s on the platform; shorter only where a test waits for time-outs. */
  pushTimeoutMs?: number;
  /** Pause before a push is repeated. */
  pushRetryDelayMs?: number;
  /** Between taking a mass send and delivering it. */
  massDelayMs?: number;
  creditRules?: Partial<CreditRules>;
}

export interface Simulator {
  /** The platform's base address, for `apiBase` of an account. */
  apiBase: string;
  /** The control API's root, ending in `/_sim/v1`. */
  controlUrl: string;
  phoneUrl: string;
  stop(): Promise<void>;
}

/** Listens on both ports. Rejects when a port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1';
  const world = new World(makeClock(options.clockFile), {
    pushTimeoutMs: options.pushTimeoutMs ?? 5000,
    pushRetryDelayMs: options.pushRetryDelayMs ?? 1000,
    massDelayMs: options.massDelayMs ?? 300,
    creditRules: { ...defaultCreditRules, ...options.creditRules },
  });
  const api = await listen({ host, port: options.port ?? 0, handler: (request) => handleApi(world, request) });
  world.apiBase = api.url;
  const control = await listen({
    host,
    port: options.controlPort ?? 0,
    handler: (request) => handleOwn(world, request),
  }).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  const closeSocket = openPhoneSocket(world, control.server);
  return {
    apiBase: api.url,
    controlUrl: `${control.url}/_sim/v1`,
    phoneUrl: `${control.url}/phone/`,
    stop: async () => {
      closeSocket();
      world.stopping.abort();
      await Promise.all([api.close(), control.close(), ...world.background]);
    },
  };
}

const ROOT = '/_sim/v1/';

async function handleOwn(world: World, request: Request) {
  if (request.path.startsWith(ROOT)) return handleControl(world, request, request.path.slice(ROOT.length));
  return (await handlePhone(world, request)) ?? problem(404, 'route.unknown', 'see /_sim/v1 and /phone/');
}
