/** Joining from the mini-program: the texts first, consent by purpose, the phone by the platform's code. */
import { expect } from '../judge.js';
import type { Me, Texts } from '../member.js';
import type { Step } from './index.js';

export const join: Step = {
  name: 'join',
  title: { 'zh-CN': '入会：隐私说明、同意、手机号', en: 'joining: privacy notice, consents, phone' },
  async run({ person, member, sim, open, saw }) {
    const newcomer = await person('来入会的人');
    const card = await member(newcomer);
    const texts = await card.get<Texts>('/texts');
    expect(
      texts.privacy.text.length > 100 && texts.consents.length >= 3,
      'the privacy notice and the consent texts can be read before joining',
    );
    const early = await card.post('/checkin', {});
    expect(
      early.code === 'member.notJoined',
      `before joining, checking in answers member.notJoined, not ${early.about}`,
    );
    const older = await card.post('/join', { privacyVersion: '2000-01', age: 'adult', consents: [] });
    expect(older.code === 'member.textChanged', `an older text answers member.textChanged, not ${older.about}`);
    const child = await card.post('/join', { privacyVersion: texts.privacy.version, age: 'under14', consents: [] });
    expect(child.status >= 400, `a child under 14 needs the guardian's consent (${child.about})`);
    saw(`refused: ${early.about}, ${older.about}, ${child.about}`);

    const me = await card.join(await sim.phoneCode(newcomer.mini));
    const masked = `${newcomer.phone.slice(0, 3)}****${newcomer.phone.slice(-4)}`;
    expect(me.joined && me.phone === masked, `joined, with the phone ${masked}, not ${String(me.phone)}`);
    const again = await card.join();
    expect(again.points.available === me.points.available, 'joining twice brings the welcome points once');
    const checked = await card.post('/checkin', {});
    const repeated = await card.post('/checkin', {});
    expect(
      checked.status === 200 && (repeated.json as { repeated: boolean }).repeated,
      'checking in counts once a day',
    );
    const { points } = await card.get<Me>('/me');
    const known = await open.account({ phone: newcomer.phone });
    expect(known.points.available === points.available, "the shop's system finds the member by the phone");
    saw(`joined with ${masked}; ${String(points.available)} points: welcome once, check-in once`);
  },
};
