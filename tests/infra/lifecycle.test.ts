import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLifecycle } from '../../src/infra/lifecycle.js';
import { createLogger } from '../../src/infra/logger.js';

const log = createLogger({ level: 'silent' });

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

async function withParts(names: string[], failing: string[] = []) {
  const process = new FakeProcess();
  const life = createLifecycle(log, process);
  const steps: string[] = [];
  for (const name of names) {
    const part = await life.start(
      name,
      () => void steps.push(`+${name}`),
      async () => {
        steps.push(`-${name}`);
        if (failing.includes(name)) throw new Error(`planted in ${name}`);
      },
    );
    expect(part).toBeUndefined();
  }
  return { life, steps, process };
}

describe('the lifecycle', () => {
  it('stops in reverse, once', async () => {
    const { life, steps } = await withParts(['a', 'b', 'c']);
    await Promise.all([life.stop(), life.stop()]);
    await life.stop();
    expect(steps).toEqual(['+a', '+b', '+c', '-c', '-b', '-a']);
  });

  it('stops the others when one does not stop, and says so', async () => {
    const { life, steps } = await withParts(['a', 'b', 'c'], ['b']);
    await expect(life.stop()).rejects.toThrow('Not everything stopped');
    expect(steps.slice(3)).toEqual(['-c', '-b', '-a']);
  });

  it('stops what was started when a later part does not start, and throws that failure', async () => {
    const { life, steps } = await withParts(['a', 'b'], ['a']);
    const starting = life.start(
      'c',
      async () => Promise.reject(new Error('port in use')),
      () => void steps.push('-c'),
    );
    await expect(starting).rejects.toThrow('port in use');
    expect(steps).toEqual(['+a', '+b', '-b', '-a']);
  });

  it.each(['SIGINT', 'SIGTERM'])('stops on %s and leaves no listener', async (signal) => {
    const { life, steps, process } = await withParts(['a', 'b']);
    const ended = life.untilSignal();
    expect(steps).toHaveLength(2);
    process.emit(signal);
    await ended;
    expect(steps).toEqual(['+a', '+b', '-b', '-a']);
    expect(process.exits).toEqual([]);
    expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(0);
  });

  it('ends at once on a later second signal while a part hangs, and takes one that arrives twice as one', async () => {
    const process = new FakeProcess();
    const life = createLifecycle(log, process);
    await life.start(
      'hangs',
      () => undefined,
      () => new Promise<void>(() => undefined),
    );
    void life.untilSignal();
    process.emit('SIGINT');
    expect(process.exits).toEqual([]);
    process.emit('SIGINT');
    expect(process.exits).toEqual([]);
    await sleep(600);
    process.emit('SIGTERM');
    expect(process.exits).toEqual([130]);
  });
});
