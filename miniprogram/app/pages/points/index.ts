/** Points: what can be used, what expires when, what is still pending, and every movement. */
import { readMe, readPoints } from '../../utils/endpoints';
import { load, pagedList, startList, startLoad } from '../../utils/load';
import { labels } from '../../utils/texts';
import { entryView, pointsView } from '../../utils/views';
import type { EntryView, PointsView } from '../../utils/views';

const entries = pagedList(readPoints, (entry) => entryView(entry));

Page({
  data: {
    words: labels.points,
    load: startLoad(),
    points: {} as PointsView,
    list: startList<EntryView>(),
  },
  onLoad() {
    void this.refresh();
  },
  onPullDownRefresh() {
    void this.refresh();
  },
  onReachBottom() {
    void entries.more(this);
  },
  refresh() {
    return load(this, async () => {
      const [me, page] = await Promise.all([readMe(), readPoints(null)]);
      this.setData({ points: pointsView(me.points), list: entries.first(page) });
    });
  },
});
