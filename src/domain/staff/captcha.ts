/** Captchas: made on request, good for one answer within two minutes; the answer is stored hashed with the captcha's id. */
import { randomInt } from 'node:crypto';
import type { Model } from 'mongoose';
import { hashToken, randomToken, sameSecret } from '../../infra/crypto.js';
import { captchaLetters, drawCaptcha } from './captcha-picture.js';
import type { CaptchaRecord } from './models.js';

const LENGTH = 5;

export interface Captchas {
  make(now: Date): Promise<{ id: string; svg: string; expiresAt: Date }>;
  /** True once for the right answer. Whatever the answer, the captcha is used up. */
  solve(given: { id: string; answer: string }, now: Date): Promise<boolean>;
}

export interface CaptchaOptions {
  captchaSeconds: number;
  /** Draws the answer's letters; tests give their own to know them. */
  pickLetter?: (letters: string) => string;
}

export function captchasIn(model: Model<CaptchaRecord>, options: CaptchaOptions): Captchas {
  const pick = options.pickLetter ?? ((letters: string) => letters[randomInt(letters.length)] ?? '');
  return {
    make: async (now) => {
      const id = randomToken();
      const answer = Array.from({ length: LENGTH }, () => pick(captchaLetters)).join('');
      const expiresAt = new Date(now.getTime() + options.captchaSeconds * 1000);
      await model.create({ _id: id, answerHash: answerHash(id, answer), expiresAt });
      return { id, svg: drawCaptcha(answer, () => randomInt(2 ** 32) / 2 ** 32), expiresAt };
    },
    solve: async ({ id, answer }, now) => {
      const row = await model.findOneAndDelete({ _id: id }).lean();
      if (!row || row.expiresAt <= now) return false;
      return sameSecret(row.answerHash, answerHash(id, answer));
    },
  };
}

function answerHash(id: string, answer: string): string {
  return hashToken(`${id}:${answer.trim().toUpperCase()}`);
}
