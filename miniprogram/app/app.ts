/** The app object: remembers which code opened the mini-program. Everything else is asked for by the pages themselves. */
import { forgetSession } from './utils/api';
import { launchScene } from './utils/scene';
import type { AppGlobal } from './utils/scene';

App<{ globalData: AppGlobal }>({
  globalData: { scene: '' },
  /** At every opening, also when the mini-program was only out of sight. */
  onShow(options) {
    const scene = launchScene(options.query);
    if (!scene || scene === this.globalData.scene) return;
    this.globalData.scene = scene;
    // The server hears of a scanned code with a login.
    forgetSession();
  },
});
