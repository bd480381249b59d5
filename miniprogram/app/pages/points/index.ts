/** Points: what can be used, what expires when, what is still pending, and every movement. */
import { readMe, readPoints } from '../../utils/endpoints';
import { attempt, load, startLoad } from '../../utils/load';
import { labels } from '../../utils/texts';
import { entryView, pointsView } from '../../utils/views';
import type { EntryView, PointsView } from '../../utils/views';

Page({
  data: {
    words: labels.points,
    load: startLoad(),
    points: {} as PointsView,
    entries: [] as EntryView[],
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
      const [me, page] = await Promise.all([readMe(), readPoints(null)]);
      this.setData({
        points: pointsView(me.points),
        entries: page.items.map((entry) => entryView(entry)),
        cursor: page.nextCursor,
        isLast: page.nextCursor === null,
      });
    });
  },
  async more() {
    const { cursor, busy, entries } = this.data;
    if (busy || cursor === null) return;
    this.setData({ busy: true });
    const page = await attempt(() => readPoints(cursor));
    this.setData({ busy: false });
    if (!page) return;
    this.setData({
      entries: [...entries, ...page.items.map((entry) => entryView(entry))],
      cursor: page.nextCursor,
      isLast: page.nextCursor === null,
    });
  },
});
