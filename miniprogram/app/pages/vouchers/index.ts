/** Vouchers: usable, used, expired; one shown large at the counter; and the offers to claim below them. */
import { readMe, readOffers, readVouchers } from '../../utils/endpoints';
import { grouped } from '../../utils/format';
import { load, startLoad } from '../../utils/load';
import { labels, texts } from '../../utils/texts';
import type { Voucher } from '../../utils/types';
import { offerView, voucherView } from '../../utils/views';
import type { OfferView, TicketView } from '../../utils/views';

type Tab = 'usable' | 'used' | 'expired';
const tabs: Array<{ name: Tab; title: string }> = [
  { name: 'usable', title: labels.vouchers.usable },
  { name: 'used', title: labels.vouchers.used },
  { name: 'expired', title: labels.vouchers.expired },
];
const tabOf = ({ state }: Voucher): Tab => (state === 'granted' ? 'usable' : state === 'used' ? 'used' : 'expired');

Page({
  data: {
    words: labels.vouchers,
    load: startLoad(),
    tabs,
    tab: 'usable' as Tab,
    joined: false,
    all: [] as Voucher[],
    shown: [] as TicketView[],
    offers: [] as OfferView[],
    emptyHint: '',
    open: null as (TicketView & { digits: string }) | null,
  },
  onShow() {
    void this.refresh();
  },
  onPullDownRefresh() {
    void this.refresh();
  },
  refresh() {
    return load(this, async () => {
      const [me, all, offers] = await Promise.all([readMe(), readVouchers(), readOffers()]);
      this.setData({ joined: me.joined, all, offers: offers.items.map(offerView) });
      this.show();
    });
  },
  show() {
    const { all, tab } = this.data;
    const shown = all.filter((voucher) => tabOf(voucher) === tab).map((voucher) => voucherView(voucher));
    this.setData({ shown, emptyHint: texts.vouchers.empty[tab] });
  },
  choose(event: WechatMiniprogram.TouchEvent) {
    this.setData({ tab: event.currentTarget.dataset['name'] as Tab });
    this.show();
  },
  open(event: WechatMiniprogram.TouchEvent) {
    const ticket = this.data.shown.find(({ key }) => key === event.currentTarget.dataset['code']);
    if (ticket) this.setData({ open: { ...ticket, digits: grouped(ticket.key) } });
  },
  close() {
    this.setData({ open: null });
  },
  copy() {
    void wx.setClipboardData({ data: this.data.open?.key ?? '' });
  },
  stay() {
    // A tap on the sheet itself is not a tap beside it.
  },
  toJoin() {
    void wx.navigateTo({ url: '/pages/join/index' });
  },
});
