/** How a page waits: loading, slow, failed with a way to try again; how its list grows; and how an action that failed says so. */
import { patience } from './config';
import { RequestFailed, wordsOf } from './failure';
import type { Page } from './types';

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

/** Runs what nobody waits for; where the request fails it is left for the next time. */
export async function inPassing(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
  }
}

export function toast(title: string): void {
  void wx.showToast({ title, icon: 'none', duration: 2000 });
}

/** A list that is longer than one answer. No cursor: the end was reached, or nothing was read yet. */
export interface List<V> {
  items: V[];
  cursor: string | null;
  isLast: boolean;
  busy: boolean;
}
interface ListPage<V> {
  data: { list: List<V> };
  setData(change: Record<string, unknown>): void;
}

export const startList = <V>(): List<V> => ({ items: [], cursor: null, isLast: false, busy: false });

/** The one list of a page, read page by page; a template shows `list.items`. */
export function pagedList<T, V>(read: (cursor: string | null) => Promise<Page<T>>, view: (item: T) => V) {
  const grown = (before: V[], { items, nextCursor }: Page<T>): List<V> => ({
    items: [...before, ...items.map(view)],
    cursor: nextCursor,
    isLast: nextCursor === null,
    busy: false,
  });
  return {
    /** As it is after its first page. */
    first: (page: Page<T>): List<V> => grown([], page),
    /** Adds what follows, once at a time. What was asked before the list was read anew is dropped. */
    async more(page: ListPage<V>): Promise<void> {
      const { cursor, busy } = page.data.list;
      if (busy || cursor === null) return;
      page.setData({ 'list.busy': true });
      const next = await attempt(() => read(cursor));
      const { list } = page.data;
      if (list.cursor !== cursor) return;
      page.setData({ list: next ? grown(list.items, next) : { ...list, busy: false } });
    },
  };
}
