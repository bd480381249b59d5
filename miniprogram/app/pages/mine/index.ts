/** About oneself: the ways to the profile, messages, points, levels, privacy and the contact service. */
import { readMe } from '../../utils/endpoints';
import { load, startLoad } from '../../utils/load';
import { labels, texts } from '../../utils/texts';

interface Way {
  url: string;
  title: string;
  picture: string;
  name: string;
}
const ways: Way[] = [
  { url: '/pages/code/index', title: labels.mine.code, picture: '/images/qr.svg', name: 'code' },
  { url: '/pages/points/index', title: labels.mine.points, picture: '/images/coin.svg', name: 'points' },
  { url: '/pages/levels/index', title: labels.mine.levels, picture: '/images/gift.svg', name: 'levels' },
  { url: '/pages/messages/index', title: labels.mine.messages, picture: '/images/bell.svg', name: 'messages' },
  { url: '/pages/privacy/index', title: labels.mine.privacy, picture: '/images/shield.svg', name: 'privacy' },
];

Page({
  data: { words: labels.mine, load: startLoad(), joined: false, name: '', initial: '', level: '', phone: '', ways },
  onShow() {
    void this.refresh();
  },
  onPullDownRefresh() {
    void this.refresh();
  },
  refresh() {
    return load(this, async () => {
      const { joined, name, level, phone } = await readMe();
      const shown = name ?? texts.home.guest;
      this.setData({ joined, name: shown, initial: shown.slice(0, 1), level: level.title, phone: phone ?? '' });
    });
  },
  open(event: WechatMiniprogram.TouchEvent) {
    void wx.navigateTo({ url: String(event.currentTarget.dataset['url']) });
  },
  toProfile() {
    void wx.navigateTo({ url: this.data.joined ? '/pages/profile/index' : '/pages/join/index' });
  },
});
