/** What the member tells about themselves. Each line is saved when it is changed; nothing here is needed. */
import { changeMe, givePhone, readMe } from '../../utils/endpoints';
import { attempt, load, startLoad, toast } from '../../utils/load';
import { labels, texts } from '../../utils/texts';
import type { Gender, Me, ProfileChange } from '../../utils/types';

const genders: Gender[] = ['female', 'male', 'other'];
type PickerEvent = WechatMiniprogram.CustomEvent<{ value: string }>;
type RegionEvent = WechatMiniprogram.CustomEvent<{ value: string[] }>;

Page({
  data: {
    words: labels.profile,
    load: startLoad(),
    name: '',
    gender: '',
    genderTitles: genders.map((gender) => texts.profile.genders[gender]),
    birthday: '',
    region: '',
    phone: '',
    today: new Date().toISOString().slice(0, 10),
  },
  onLoad() {
    void this.refresh();
  },
  refresh() {
    return load(this, async () => this.show(await readMe()));
  },
  show(me: Me) {
    this.setData({
      name: me.name ?? '',
      gender: me.gender ? texts.profile.genders[me.gender] : '',
      birthday: me.birthday ?? '',
      region: [me.province, me.city].filter(Boolean).join(' '),
      phone: me.phone ?? '',
    });
  },
  async save(change: ProfileChange) {
    const me = await attempt(() => changeMe(change));
    // What was refused goes back to what it was.
    this.show(me ?? (await readMe()));
    if (me) toast(texts.common.saved);
  },
  saveName(event: WechatMiniprogram.InputBlur) {
    const name = event.detail.value.trim();
    if (name === this.data.name) return;
    if (!name) return toast(texts.profile.nameNeeded);
    void this.save({ name });
  },
  saveGender(event: PickerEvent) {
    const gender = genders[Number(event.detail.value)];
    if (gender) void this.save({ gender });
  },
  saveBirthday(event: PickerEvent) {
    void this.save({ birthday: event.detail.value });
  },
  saveRegion(event: RegionEvent) {
    const [province, city] = event.detail.value;
    if (province && city) void this.save({ province, city });
  },
  async phone(event: WechatMiniprogram.ButtonGetPhoneNumber) {
    const { code } = event.detail;
    if (!code) return;
    const me = await attempt(() => givePhone(code));
    if (!me) return;
    this.show(me);
    toast(texts.profile.phoneSaved);
  },
});
