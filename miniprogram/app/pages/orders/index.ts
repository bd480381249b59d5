/** Orders with their parcels and what they earned. Asks, by a tap, to tell when one is dispatched. */
import { readOrders } from '../../utils/endpoints';
import { load, pagedList, startList, startLoad } from '../../utils/load';
import { askForNotices, templatesAbout } from '../../utils/notices';
import { labels } from '../../utils/texts';
import { orderView } from '../../utils/views';
import type { OrderView } from '../../utils/views';

const orders = pagedList(readOrders, orderView);

Page({
  data: {
    words: labels.orders,
    load: startLoad(),
    list: startList<OrderView>(),
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
    void orders.more(this);
  },
  refresh() {
    return load(this, async () => {
      const [page, templates] = await Promise.all([readOrders(null), templatesAbout('order')]);
      this.setData({
        list: orders.first(page),
        templates,
        awaited: page.items.some(({ status }) => status === 'pending' || status === 'paid'),
      });
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
