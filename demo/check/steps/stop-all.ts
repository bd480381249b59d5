/** One switch stops all promotion at once, in the middle of a broadcast; turned back, it goes on. */
import { among, begin, daytime, noticed, promotion } from '../campaign.js';
import { crowd } from '../crowd.js';
import { expect, until } from '../judge.js';
import type { Step } from './index.js';

const NAME = '秋日开窑';
const PEOPLE = 12;
const WITHIN_MS = 10_000;
/** What is held is judged again within ten minutes. */
const AGAIN_MS = 11 * 60_000;
const QUIET_MS = 1500;

export const stopAll: Step = {
  name: 'stop-all',
  title: { 'zh-CN': '一键停止营销：十秒内全停，恢复后继续', en: 'stop all promotion, and go on' },
  async run(lab) {
    await daytime(lab);
    const wishes = Array.from({ length: PEOPLE }, (_, index) => ({
      name: `秋${String(index + 1)}`,
      reach: 'phone' as const,
      granted: true,
    }));
    const people = await crowd(lab, wishes);
    await begin(lab, promotion(NAME, await among(lab, NAME, people)));
    const marketer = await lab.as('marketer');
    const sent = async (): Promise<number> => (await noticed(lab, NAME)).length;
    await until('the first notice', async () => (await sent()) >= 1);
    const before = await sent();
    const stoppedAt = performance.now();
    await marketer.taken('POST', '/contact/stop', { reason: '检查' });
    try {
      const { count, lastAt } = await untilQuiet(sent, stoppedAt);
      expect(count < PEOPLE, `it stops before everybody is told, not after all ${String(PEOPLE)}`);
      const after = (lastAt - stoppedAt) / 1000;
      expect(after < 10, 'nothing arrives after ten seconds');
      lab.saw(
        `${String(before)} told, then stopped: ${String(count - before)} more, the last after ${after.toFixed(1)} s`,
      );
      await lab.sim.advance(AGAIN_MS);
      await new Promise((resume) => setTimeout(resume, QUIET_MS));
      expect((await sent()) === count, 'asked again while it is stopped, nothing arrives');
    } finally {
      await marketer.taken('POST', '/contact/resume', { reason: '检查完毕' });
    }
    await lab.sim.advance(AGAIN_MS);
    await until('everybody told', async () => (await sent()) >= PEOPLE);
    const told = await noticed(lab, NAME);
    expect(
      told.length === PEOPLE && new Set(told).size === PEOPLE,
      `after that everybody is told once, not ${String(told.length)}`,
    );
    lab.saw(`turned back: all ${String(PEOPLE)} told, each once`);
  },
};

/** Until nothing more has arrived for a while. */
async function untilQuiet(sent: () => Promise<number>, from: number): Promise<{ count: number; lastAt: number }> {
  let count = await sent();
  let lastAt = from;
  while (performance.now() - lastAt < QUIET_MS && performance.now() - from < WITHIN_MS + QUIET_MS) {
    await new Promise((resume) => setTimeout(resume, 50));
    const now = await sent();
    if (now > count) lastAt = performance.now();
    count = now;
  }
  return { count, lastAt };
}
