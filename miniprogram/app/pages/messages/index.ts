/** Notices kept for the member, newest first. */
import { readMessages } from '../../utils/endpoints';
import { moment } from '../../utils/format';
import { attempt, load, startLoad } from '../../utils/load';
import { labels } from '../../utils/texts';
import type { Message } from '../../utils/types';

interface MessageView {
  id: string;
  title: string;
  text: string;
  when: string;
  url: string;
}
/** A page of the mini-program may be written with or without its first slash. */
const messageView = ({ id, title, text, at, page }: Message): MessageView => ({
  ...{ id, title, text, when: moment(at) },
  url: page ? `/${page.replace(/^\//, '')}` : '',
});

Page({
  data: {
    words: labels.messages,
    load: startLoad(),
    messages: [] as MessageView[],
    cursor: null as string | null,
    isLast: false,
    busy: false,
  },
  onLoad() {
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
      const { items, nextCursor } = await readMessages(null);
      this.setData({ messages: items.map(messageView), cursor: nextCursor, isLast: nextCursor === null });
    });
  },
  async more() {
    const { cursor, busy, messages } = this.data;
    if (busy || cursor === null) return;
    this.setData({ busy: true });
    const page = await attempt(() => readMessages(cursor));
    this.setData({ busy: false });
    if (!page) return;
    const { items, nextCursor } = page;
    this.setData({
      messages: [...messages, ...items.map(messageView)],
      cursor: nextCursor,
      isLast: nextCursor === null,
    });
  },
  open(event: WechatMiniprogram.TouchEvent) {
    const url = String(event.currentTarget.dataset['url']);
    if (!url) return;
    // One of the two refuses, according to whether the page is a tab.
    void wx.navigateTo({ url, fail: () => void wx.switchTab({ url: url.split('?')[0] ?? url }) });
  },
});
