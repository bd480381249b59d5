/** Staff make a scene code and two welcomes; whoever comes by the code is given its own, once. */
import { expect } from '../judge.js';
import { answerRule } from '../lab.js';
import type { Step } from './index.js';

const SCENE = 'check-store';
const FOR_STORE = '欢迎来到门店，吧台有茶。';
const FOR_ALL = '欢迎关注。';

export const welcome: Step = {
  name: 'welcome',
  title: { 'zh-CN': '扫码关注，收到对应的欢迎语', en: 'scan with scene, follow, the right welcome' },
  async run({ as, accountId, putStrategy, person, sim, onPhoneOnce, textsOn, saw, customerOf }) {
    const marketer = await as('marketer');
    const made = await marketer.send('POST', '/scenes', { account: accountId, scene: SCENE, name: '门店' });
    expect(made.status === 201, `POST scenes answers 201, not ${made.about}`);
    const calls = await sim.calls('/cgi-bin/qrcode/create');
    expect(calls.length === 1 && calls[0]?.status === 200, 'the platform was asked for one code');
    saw(`code made at the platform for scene ${SCENE}`);
    await putStrategy('check-welcome', answerRule('欢迎', { code: 'follow', args: { scenes: [] } }, [FOR_ALL]));
    const forStore = answerRule('门店欢迎', { code: 'follow', args: { scenes: [SCENE] } }, [FOR_STORE]);
    await putStrategy('check-welcome-store', { ...forStore, priority: 900 });

    const visitor = await person('门店访客');
    await sim.scan(visitor.openid, SCENE);
    const shown = await onPhoneOnce(visitor, FOR_STORE);
    expect(!(await textsOn(visitor)).includes(FOR_ALL), 'only one of two welcomes is sent');
    saw(`by scene: “${FOR_STORE}” on the phone once, route ${String(shown.route)}`);

    const other = await person('路过的人');
    await sim.follow(other.openid);
    await onPhoneOnce(other, FOR_ALL);
    expect(!(await textsOn(other)).includes(FOR_STORE), 'without the scene the general welcome is sent');
    saw(`without scene: “${FOR_ALL}” on the phone once`);

    const identity = (await customerOf(visitor)).identities[0];
    expect(
      identity?.following === true && identity.scene === SCENE,
      'the console shows that they follow, and the scene',
    );
    const listed = await marketer.get<{ items: Array<{ scene: string; follows: number }> }>('/scenes');
    const follows = listed.items.find(({ scene }) => scene === SCENE)?.follows;
    expect(follows === 1, `the code counts one follow, not ${String(follows)}`);
    saw('the console counts one follow by this code');
  },
};
