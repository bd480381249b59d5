/** Wrong passwords lead to a captcha, then to a lock of the address they come from; everybody else goes on working. */
import { expect } from '../judge.js';
import type { Lab } from '../lab.js';
import { API, exchange, signIn } from '../session.js';
import type { Answer } from '../session.js';
import type { Step } from './index.js';

/** An address of the documentation range, as the front passes it on. */
const ADDRESS = { 'x-forwarded-for': '203.0.113.77' };
const WRONG = 'not-this-one-1';

export const signin: Step = {
  name: 'signin',
  title: { 'zh-CN': '登录：验证码与锁定', en: 'sign-in: captcha and lock-out' },
  async run(lab) {
    const { saw, staff, stage } = lab;
    const { port } = stage.front;
    const { marketer, admin } = staff;
    const unknown = await attempt(lab, 'nobody.here', WRONG);
    const wrong = await attempt(lab, marketer.account, WRONG);
    expect(
      wrong.status === 401 && wrong.code === 'session.wrongCredentials',
      `a wrong password answers 401, not ${wrong.about}`,
    );
    expect(shape(unknown) === shape(wrong), 'an unknown account is answered like a wrong password');
    saw('wrong password and unknown account: the same 401');

    for (const _try of [2, 3]) await attempt(lab, marketer.account, WRONG);
    const fourth = await attempt(lab, marketer.account, marketer.password);
    expect(
      fourth.code === 'session.captchaRequired',
      `after three, even the right password needs a captcha, not ${fourth.about}`,
    );
    const picture = await exchange(port, { method: 'GET', path: `${API}/captcha`, headers: ADDRESS });
    const { id, svg } = picture.json as { id: string; svg: string };
    expect(
      picture.status === 200 && svg.startsWith('<svg') && !/<text/.test(svg),
      'the captcha is a picture without text in its source',
    );
    const guessed = await attempt(lab, marketer.account, marketer.password, { id, answer: '00000' });
    expect(guessed.code === 'session.captchaRequired', `a wrong captcha does not help (${guessed.about})`);
    saw('after three: session.captchaRequired; a wrong captcha does not help');

    for (const _try of [5, 6]) await attempt(lab, 'nobody.here', WRONG);
    const locked = await attempt(lab, admin.account, admin.password);
    expect(
      locked.status === 423 && locked.code === 'session.locked',
      `after six, the address is locked with 423, not ${locked.about}`,
    );
    expect(Number(locked.headers['retry-after']) > 0, 'Retry-After says for how long');
    const elsewhere = await signIn(
      port,
      { account: admin.account, password: admin.password },
      { 'x-forwarded-for': '203.0.113.78' },
    );
    expect(elsewhere.status === 200, `from another address the same login works, not ${elsewhere.about}`);
    const cookie = [elsewhere.headers['set-cookie']].flat().join();
    expect(
      /HttpOnly/i.test(cookie) && /SameSite=Strict/i.test(cookie),
      'the session is an HttpOnly cookie of this site alone',
    );
    saw(
      `after six: 423 session.locked, Retry-After ${String(locked.headers['retry-after'])} s; another address signs in`,
    );
  },
};

function attempt(
  lab: Lab,
  account: string,
  password: string,
  captcha?: { id: string; answer: string },
): Promise<Answer> {
  return signIn(lab.stage.front.port, { account, password, ...(captcha ? { captcha } : {}) }, ADDRESS);
}

function shape({ status, json }: Answer): string {
  const { requestId: _own, ...rest } = json as Record<string, unknown>;
  return JSON.stringify({ status, rest });
}
