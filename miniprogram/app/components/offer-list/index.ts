/** Offers to claim. Claims by itself, says so, and then asks whether to remind of the end. Tells its page: `claimed`, `join`. */
import { claimOffer } from '../../utils/endpoints';
import { requestKey } from '../../utils/format';
import { attempt } from '../../utils/load';
import { askForNotices, templatesAbout } from '../../utils/notices';
import { labels, texts } from '../../utils/texts';
import type { OfferView } from '../../utils/views';

/** One intent has one key, so that a repeat after a lost answer claims once. */
const keys: Record<string, string> = {};

Component({
  properties: {
    offers: { type: Array, value: [] as OfferView[] },
    joined: { type: Boolean, value: false },
  },
  data: { busy: '', claimed: '', templates: [] as string[], words: { ...texts.vouchers, ...labels.offers } },
  lifetimes: {
    attached() {
      void attempt(() => templatesAbout('voucher')).then((templates) => {
        if (templates) this.setData({ templates });
      });
    },
  },
  methods: {
    async claim(event: WechatMiniprogram.TouchEvent) {
      const couponId = String(event.currentTarget.dataset['id']);
      if (!this.data.joined) return this.triggerEvent('join');
      if (this.data.busy) return;
      this.setData({ busy: couponId });
      keys[couponId] ??= requestKey();
      const voucher = await attempt(() => claimOffer(couponId, keys[couponId] ?? requestKey()));
      this.setData({ busy: '' });
      if (!voucher) return;
      delete keys[couponId];
      this.setData({ claimed: voucher.title });
      this.triggerEvent('claimed');
    },
    remind() {
      const { templates } = this.data;
      this.close();
      if (templates.length > 0) void askForNotices(templates);
    },
    close() {
      this.setData({ claimed: '' });
    },
    stay() {
      // A tap on the sheet itself is not a tap beside it.
    },
  },
});
