/** The member's card: name, level and the way to the next one. Its colours follow the level. */
import { labels } from '../../utils/texts';
import type { CardView } from '../../utils/views';

Component({
  properties: { card: { type: Object, value: {} as CardView } },
  data: { words: labels.card },
  methods: {
    showCode() {
      this.triggerEvent('code');
    },
    showLevels() {
      this.triggerEvent('levels');
    },
  },
});
