/** About oneself: the ways to the profile, messages, points, levels, privacy and the contact service. */
import { readMe, readMessages } from '../../utils/endpoints';
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
  data: {
    words: labels.mine,
    load: startLoad(),
    joined: false,
    name: '',
    initial: '',
    level: '',
    phone: '',
    unread: false,
    ways,
  },
  onShow() {
    void this.refresh();
  },
  onPullDownRefresh() {
    void this.refresh();
  },
  refresh() {
    return load(this, async () => {
      const [me, newest] = await Promise.all([readMe(), readMessages(null, 1)]);
      const { joined, name, level, phone } = me;
      const shown = name ?? texts.home.guest;
      const unread = newest.items.some((message) => message.unread);
      this.setData({ joined, name: shown, initial: shown.slice(0, 1), level: level.title, phone: phone ?? '', unread });
    });
  },
  open(event: WechatMiniprogram.TouchEvent) {
    void wx.navigateTo({ url: String(event.currentTarget.dataset['url']) });
  },
  toProfile() {
    void wx.navigateTo({ url: this.data.joined ? '/pages/profile/index' : '/pages/join/index' });
  },
});
