/** How a page waits: loading, slow, failed with a way to try again. And how an action that failed says so. */
import { patience } from './config';
import { wordsOf } from './failure';

export interface LoadState {
  phase: 'loading' | 'ready' | 'failed';
  /** Still waiting after a while. */
  slow: boolean;
  problem: string;
}
interface LoadingPage {
  data: { load: LoadState };
  setData(change: Record<string, unknown>): void;
}

export const startLoad = (): LoadState => ({ phase: 'loading', slow: false, problem: '' });

/** Runs what fills the page. What is shown already stays shown: then a failure is a toast and not an empty page. */
export async function load(page: LoadingPage, run: () => Promise<void>): Promise<void> {
  const isFirst = page.data.load.phase !== 'ready';
  if (isFirst) page.setData({ load: startLoad() });
  const slow = setTimeout(() => {
    if (page.data.load.phase === 'loading') page.setData({ 'load.slow': true });
  }, patience.slowAfter);
  try {
    await run();
    if (isFirst) page.setData({ load: { phase: 'ready', slow: false, problem: '' } });
  } catch (error) {
    const problem = wordsOf(error);
    if (isFirst) page.setData({ load: { phase: 'failed', slow: false, problem } });
    else toast(problem);
  } finally {
    clearTimeout(slow);
    void wx.stopPullDownRefresh();
  }
}

/** Runs what a person asked for. Undefined: it failed, and they were told why. */
export async function attempt<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    toast(wordsOf(error));
    return undefined;
  }
}

export function toast(title: string): void {
  void wx.showToast({ title, icon: 'none', duration: 2000 });
}
