/** What a page shows until it has something to show: a quiet outline, a word when it takes long, a way to try again. */
import { startLoad } from '../../utils/load';
import type { LoadState } from '../../utils/load';
import { texts } from '../../utils/texts';

Component({
  properties: { load: { type: Object, value: startLoad() as LoadState } },
  data: { words: texts.common },
  methods: {
    retry() {
      this.triggerEvent('retry');
    },
  },
});
