/** Starts the simulator from a shell and prints its addresses as one JSON line; Ctrl-C stops it. */
import { parseArgs } from 'node:util';
import { startSimulator } from './main.js';

const HELP = `Usage: tsx simulator/cli.ts [--host 127.0.0.1] [--port 4010] [--control-port 4011] [--clock-file FILE]
  --port          the platform's API (0: a free port)
  --control-port  the control API under /_sim/v1 and the page /phone/ (0: a free port)
  --clock-file    file that shares the business clock's offset in ms`;

const options = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '4010' },
  'control-port': { type: 'string', default: '4011' },
  'clock-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${text} is not a port`);
  return port;
}

async function main(): Promise<number> {
  let values;
  let ports;
  try {
    values = parseArgs({ options }).values;
    ports = { port: readPort(values.port), controlPort: readPort(values['control-port']) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${HELP}\n`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  try {
    const simulator = await startSimulator({ host: values.host, ...ports, clockFile: values['clock-file'] });
    const { apiBase, controlUrl, phoneUrl } = simulator;
    process.stdout.write(`${JSON.stringify({ apiBase, controlUrl, phoneUrl })}\n`);
    await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
    await simulator.stop();
    return 0;
  } catch (error) {
    process.stderr.write(`The simulator could not start: ${(error as Error).message}\n`);
    return 1;
  }
}

process.exitCode = await main();
