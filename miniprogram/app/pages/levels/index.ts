/** The levels and what each brings. */
import { readLevels, readMe } from '../../utils/endpoints';
import { thousands } from '../../utils/format';
import { load, startLoad } from '../../utils/load';
import { askForNotices, templatesAbout } from '../../utils/notices';
import { labels } from '../../utils/texts';
import { cardView } from '../../utils/views';

interface StepView {
  code: string;
  title: string;
  growth: string;
  benefits: string[];
  mine: boolean;
  tone: number;
}

Page({
  data: {
    words: labels.levels,
    load: startLoad(),
    hint: '',
    growth: '',
    steps: [] as StepView[],
    templates: [] as string[],
  },
  onLoad() {
    void this.refresh();
  },
  notify() {
    void askForNotices(this.data.templates);
  },
  refresh() {
    return load(this, async () => {
      const [me, { items }, templates] = await Promise.all([readMe(), readLevels(), templatesAbout('level')]);
      const { hint, growth } = cardView(me, items);
      const steps = items.map((step, i) => ({
        ...step,
        growth: thousands(step.growth),
        mine: step.code === me.level.code,
        tone: Math.min(i, 3),
      }));
      this.setData({ hint, growth, steps, templates });
    });
  },
});
