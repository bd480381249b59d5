/** The code for the counter: digits and a picture, changed by itself before it ends. The screen stays on while it is shown. */
import { readMe } from '../../utils/endpoints';
import { grouped } from '../../utils/format';
import { load, startLoad } from '../../utils/load';
import { labels, texts } from '../../utils/texts';

/** Seconds before its end at which a code is changed, and before another attempt when that failed. */
const ahead = 10;

Page({
  data: { words: labels.code, load: startLoad(), digits: '', picture: '', name: '', left: 0, word: '' },
  timer: 0,
  expiresAt: 0,
  retryAt: 0,
  onShow() {
    void wx.setKeepScreenOn({ keepScreenOn: true });
    void this.refresh();
    this.timer = setInterval(() => this.tick(), 1000);
  },
  onHide() {
    this.rest();
  },
  onUnload() {
    this.rest();
  },
  rest() {
    clearInterval(this.timer);
    void wx.setKeepScreenOn({ keepScreenOn: false });
  },
  refresh() {
    this.retryAt = Date.now() + ahead * 1000;
    return load(this, async () => {
      const { card, name } = await readMe();
      this.expiresAt = card ? new Date(card.expiresAt).getTime() : 0;
      this.setData({
        digits: grouped(card?.code ?? '', 6),
        picture: card?.picture ?? '',
        name: name ?? texts.home.guest,
      });
      this.tick();
    });
  },
  tick() {
    if (this.expiresAt === 0) return;
    const left = Math.round((this.expiresAt - Date.now()) / 1000) - ahead;
    this.setData({ left: Math.max(0, left), word: texts.code.left(Math.max(0, left)) });
    if (left <= 0 && Date.now() >= this.retryAt) void this.refresh();
  },
  toJoin() {
    void wx.redirectTo({ url: '/pages/join/index' });
  },
});
