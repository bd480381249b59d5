/** Messages kept for the member, newest first: what is new is marked, and promotions are refused where they are read. */
import { changeConsent } from '../../utils/consents';
import { markRead, readMe, readMessages, readTexts } from '../../utils/endpoints';
import { attempt, inPassing, load, pagedList, startList, startLoad, toast } from '../../utils/load';
import { labels, texts } from '../../utils/texts';
import type { Message } from '../../utils/types';
import { messageView } from '../../utils/views';
import type { MessageView } from '../../utils/views';

const messages = pagedList(readMessages, messageView);

/** When the newest was sent that the server holds for unread; undefined: there is none. */
const newestUnread = (items: Message[]): string | undefined =>
  items
    .filter(({ unread }) => unread)
    .map(({ at }) => at)
    .sort((a, b) => new Date(b).getTime() - new Date(a).getTime())[0];

Page({
  data: {
    words: labels.messages,
    load: startLoad(),
    list: startList<MessageView>(),
    /** `open`: promotions may come, and can be refused here; `done`: they were refused, though older ones are still in the list. */
    refusal: '' as '' | 'open' | 'done',
    busy: false,
  },
  onLoad() {
    void this.refresh();
  },
  onPullDownRefresh() {
    void this.refresh();
  },
  onReachBottom() {
    void messages.more(this);
  },
  refresh() {
    return load(this, async () => {
      const [page, { privacy }] = await Promise.all([readMessages(null), readMe()]);
      const promotes = page.items.some(({ purpose }) => purpose === 'promotion');
      this.setData({
        list: messages.first(page),
        refusal: privacy.promotion ? 'open' : promotes ? 'done' : '',
      });
      const until = newestUnread(page.items);
      if (until) void inPassing(() => markRead(until));
    });
  },
  open(event: WechatMiniprogram.TouchEvent) {
    const url = String(event.currentTarget.dataset['url']);
    if (!url) return;
    // One of the two refuses, according to whether the page is a tab.
    void wx.navigateTo({ url, fail: () => void wx.switchTab({ url: url.split('?')[0] ?? url }) });
  },
  async refuse() {
    if (this.data.busy) return;
    this.setData({ busy: true });
    const me = await attempt(async () => {
      const { consents } = await readTexts();
      return changeConsent(consents, { purpose: 'promotion', given: false, page: 'pages/messages/index' });
    });
    this.setData({ busy: false });
    if (!me) return;
    this.setData({ refusal: 'done' });
    toast(texts.messages.refused);
  },
  toPrivacy() {
    void wx.navigateTo({ url: '/pages/privacy/index' });
  },
});
