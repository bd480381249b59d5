import { describe, expect, it } from '@jest/globals';
import { captchaLetters, drawCaptcha } from '../../../src/domain/staff/captcha-picture.js';

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('a captcha picture', () => {
  it('is made of paths alone: no text, no script, nothing loaded', () => {
    const svg = drawCaptcha('A2C4E', seeded(1));
    expect([...svg.matchAll(/<(\w+)/g)].map((match) => match[1]).filter((tag) => tag !== 'path')).toEqual([
      'svg',
      'rect',
      'g',
    ]);
    expect(svg).not.toContain('A2C4E');
    expect(svg).not.toMatch(/NaN|undefined|href/);
  });

  it('draws every letter, and never twice the same way', () => {
    for (const letter of captchaLetters) {
      const [one, other] = [drawCaptcha(letter, seeded(1)), drawCaptcha(letter, seeded(2))];
      expect(one).not.toBe(other);
      expect(one.match(/<path/g)?.length).toBeGreaterThan(4);
    }
  });

  it('gives away nothing by the order or the number of its paths', () => {
    const orders = new Set(
      Array.from({ length: 20 }, (_, i) => drawCaptcha('AAAA', seeded(i)).replace(/[\d.-]+/g, '')),
    );
    expect(orders.size).toBeGreaterThan(10);
  });
});
