/** The first page: the member's card and what to do today; before joining, what joining brings. */
import { checkIn, readLevels, readMe, readOffers } from '../../utils/endpoints';
import { thousands } from '../../utils/format';
import { attempt, load, startLoad, toast } from '../../utils/load';
import { labels, texts } from '../../utils/texts';
import type { LevelStep, Me } from '../../utils/types';
import { cardView, offerView } from '../../utils/views';
import type { CardView, OfferView } from '../../utils/views';

const daysShown = 7;

/** Which of this week's seven places are filled. */
const streak = (days: number): Array<{ place: number; filled: boolean }> => {
  const filled = days === 0 ? 0 : ((days - 1) % daysShown) + 1;
  return Array.from({ length: daysShown }, (_, i) => ({ place: i + 1, filled: i < filled }));
};

Page({
  data: {
    words: labels.home,
    load: startLoad(),
    joined: false,
    card: {} as CardView,
    points: '',
    pending: '',
    vouchers: 0,
    checkedIn: false,
    streakWord: '',
    rewardWord: '',
    days: streak(0),
    benefits: [] as string[],
    levels: [] as LevelStep[],
    offers: [] as OfferView[],
    busy: false,
  },
  onShow() {
    void this.refresh();
  },
  onPullDownRefresh() {
    void this.refresh();
  },
  refresh() {
    return load(this, async () => {
      const [me, levels, offers] = await Promise.all([readMe(), readLevels(), readOffers()]);
      this.setData({ levels: levels.items, offers: offers.items.map(offerView) });
      this.showMe(me);
    });
  },
  showMe(me: Me) {
    const { checkin, points } = me;
    this.setData({
      joined: me.joined,
      card: cardView(me, this.data.levels),
      points: thousands(points.available),
      pending: thousands(points.pending),
      vouchers: me.vouchers,
      checkedIn: checkin.today,
      streakWord: texts.home.streak(checkin.days),
      rewardWord: checkin.today ? texts.home.checkedAlready : texts.home.reward(checkin.points),
      days: streak(checkin.days),
      benefits: me.level.benefits,
    });
  },
  async checkIn() {
    if (this.data.busy || this.data.checkedIn) return;
    this.setData({ busy: true });
    const done = await attempt(checkIn);
    this.setData({ busy: false });
    if (!done) return;
    toast(done.repeated ? texts.home.checkedAlready : texts.home.checkedIn(done.points));
    await this.refresh();
  },
  toJoin() {
    void wx.navigateTo({ url: '/pages/join/index' });
  },
  toCode() {
    void wx.navigateTo({ url: '/pages/code/index' });
  },
  toLevels() {
    void wx.navigateTo({ url: '/pages/levels/index' });
  },
  toPoints() {
    void wx.navigateTo({ url: '/pages/points/index' });
  },
  toVouchers() {
    void wx.switchTab({ url: '/pages/vouchers/index' });
  },
});
