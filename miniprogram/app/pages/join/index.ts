/** Joining: the privacy notice in full first, then age, then each consent by itself and unticked; the phone number is a choice. */
import { join, readTexts } from '../../utils/endpoints';
import { attempt, load, startLoad, toast } from '../../utils/load';
import { labels, texts } from '../../utils/texts';
import type { AgeBand, ConsentText, JoinRequest } from '../../utils/types';

interface ConsentView extends ConsentText {
  key: string;
  title: string;
  checked: boolean;
}
type LineEvent = WechatMiniprogram.CustomEvent<{ name: string; checked: boolean }>;

const ages: Array<{ band: AgeBand; title: string }> = [
  { band: 'adult', title: texts.join.ages.adult },
  { band: '14to17', title: texts.join.ages['14to17'] },
  { band: 'under14', title: texts.join.ages.under14 },
];
const consentView = (consent: ConsentText): ConsentView => ({
  ...consent,
  key: `${consent.purpose}-${consent.channel}`,
  title: `${texts.join.purposes[consent.purpose]} · ${texts.join.channels[consent.channel]}`,
  checked: false,
});

Page({
  data: {
    words: labels.join,
    load: startLoad(),
    privacy: { version: '', text: '' },
    agreed: false,
    ages,
    age: '' as AgeBand | '',
    guardian: false,
    consents: [] as ConsentView[],
    phoneCode: '',
    phoneWord: '',
    busy: false,
  },
  onLoad() {
    void this.refresh();
  },
  refresh() {
    return load(this, async () => {
      const { privacy, consents } = await readTexts();
      this.setData({ privacy, consents: consents.map(consentView) });
    });
  },
  /** A text that changed meanwhile is to be read and agreed to anew. */
  async readAgain() {
    const found = await attempt(readTexts);
    if (!found || found.privacy.version === this.data.privacy.version) return;
    this.setData({ privacy: found.privacy, consents: found.consents.map(consentView), agreed: false });
  },
  agree(event: LineEvent) {
    this.setData({ agreed: event.detail.checked });
  },
  chooseAge(event: WechatMiniprogram.TouchEvent) {
    this.setData({ age: event.currentTarget.dataset['band'] as AgeBand, guardian: false });
  },
  guard(event: LineEvent) {
    this.setData({ guardian: event.detail.checked });
  },
  consent(event: LineEvent) {
    const { name, checked } = event.detail;
    const index = this.data.consents.findIndex(({ key }) => key === name);
    this.setData({ [`consents[${String(index)}].checked`]: checked });
  },
  phone(event: WechatMiniprogram.ButtonGetPhoneNumber) {
    const { code } = event.detail;
    this.setData({ phoneCode: code ?? '', phoneWord: code ? texts.join.phoneTaken : '' });
    if (!code) toast(texts.join.phoneRefused);
  },
  /** What still stands in the way, or empty. */
  missing(): string {
    const { agreed, age, guardian } = this.data;
    if (!agreed) return texts.join.agreeNeeded;
    if (age === '') return texts.join.ageNeeded;
    return age === 'under14' && !guardian ? texts.join.guardianNeeded : '';
  },
  request(age: AgeBand): JoinRequest {
    const { privacy, guardian, consents, phoneCode } = this.data;
    const given = consents.filter(({ checked }) => checked);
    return {
      privacyVersion: privacy.version,
      age,
      ...(age === 'under14' ? { guardianConsent: guardian } : {}),
      consents: given.map(({ purpose, channel, version }) => ({ purpose, channel, version })),
      ...(phoneCode ? { phoneCode } : {}),
      page: 'pages/join/index',
    };
  },
  async submit() {
    const missing = this.missing();
    if (missing) return toast(missing);
    const { age } = this.data;
    if (this.data.busy || age === '') return;
    this.setData({ busy: true });
    const me = await attempt(() => join(this.request(age)));
    // The platform's code for the phone number holds for one request.
    this.setData({ busy: false, phoneCode: '', phoneWord: '' });
    if (!me) return this.readAgain();
    toast(texts.join.welcome);
    void wx.switchTab({ url: '/pages/home/index' });
  },
});
