/** Orders with their parcels and what they earned. Asks, by a tap, to tell when one is dispatched. */
import { readOrders } from '../../utils/endpoints';
import { attempt, load, startLoad } from '../../utils/load';
import { askForNotices, templatesAbout } from '../../utils/notices';
import { labels } from '../../utils/texts';
import { orderView } from '../../utils/views';
import type { OrderView } from '../../utils/views';

Page({
  data: {
    words: labels.orders,
    load: startLoad(),
    orders: [] as OrderView[],
    cursor: null as string | null,
    isLast: false,
    busy: false,
    templates: [] as string[],
    awaited: false,
  },
  onShow() {
    void this.refresh();
  },
  onPullDownRefresh() {
    void this.refresh();
  },
  onReachBottom() {
    void this.more();
  },
  refresh() {
    return load(this, async () => {
      const [page, templates] = await Promise.all([readOrders(null), templatesAbout('order')]);
      this.setData({
        orders: page.items.map(orderView),
        cursor: page.nextCursor,
        isLast: page.nextCursor === null,
        templates,
        awaited: page.items.some(({ status }) => status === 'pending' || status === 'paid'),
      });
    });
  },
  async more() {
    const { cursor, busy, orders } = this.data;
    if (busy || cursor === null) return;
    this.setData({ busy: true });
    const page = await attempt(() => readOrders(cursor));
    this.setData({ busy: false });
    if (!page) return;
    this.setData({
      orders: [...orders, ...page.items.map(orderView)],
      cursor: page.nextCursor,
      isLast: page.nextCursor === null,
    });
  },
  notify() {
    void askForNotices(this.data.templates);
  },
  copy(event: WechatMiniprogram.TouchEvent) {
    void wx.setClipboardData({ data: String(event.currentTarget.dataset['text']) });
  },
  toHome() {
    void wx.switchTab({ url: '/pages/home/index' });
  },
});
