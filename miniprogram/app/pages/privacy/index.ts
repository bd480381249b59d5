/** The switches of privacy: one for each text of consent, on only where it was given. And the privacy notice as it is now. */
import { changeConsent } from '../../utils/consents';
import { readMe, readTexts } from '../../utils/endpoints';
import { attempt, load, startLoad, toast } from '../../utils/load';
import { labels, texts } from '../../utils/texts';
import type { ConsentText, Me, Purpose } from '../../utils/types';

interface SwitchView {
  purpose: Purpose;
  title: string;
  hint: string;
  given: boolean;
}

Page({
  data: {
    words: labels.privacy,
    load: startLoad(),
    joined: false,
    minor: false,
    minorWord: texts.privacy.minor,
    consents: [] as ConsentText[],
    switches: [] as SwitchView[],
    privacy: { version: '', text: '' },
    full: false,
    busy: false,
  },
  onLoad() {
    void this.refresh();
  },
  refresh() {
    return load(this, async () => {
      const [me, { consents, privacy }] = await Promise.all([readMe(), readTexts()]);
      this.setData({ consents, privacy });
      this.show(me);
    });
  },
  show(me: Me) {
    const purposes = [...new Set(this.data.consents.map(({ purpose }) => purpose))];
    this.setData({
      joined: me.joined,
      minor: me.privacy.minor,
      switches: purposes.map((purpose) => ({
        purpose,
        title: texts.join.purposes[purpose],
        hint: texts.privacy.purposes[purpose],
        given: me.privacy[purpose],
      })),
    });
  },
  async change(event: WechatMiniprogram.SwitchChange) {
    const purpose = event.currentTarget.dataset['purpose'] as Purpose;
    const given = event.detail.value;
    const { consents } = this.data;
    const me = await attempt(() => changeConsent(consents, { purpose, given, page: 'pages/privacy/index' }));
    if (me) {
      this.show(me);
      return toast(given ? texts.privacy.on : texts.privacy.off);
    }
    // The switch goes back to what the server knows, and a text that changed is read anew.
    await this.refresh();
  },
  unfold() {
    this.setData({ full: !this.data.full });
  },
  toJoin() {
    void wx.navigateTo({ url: '/pages/join/index' });
  },
});
