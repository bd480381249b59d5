/** A list read from the server, at once or page by page. A load that was overtaken by a newer one is dropped. */
import { shallowReactive } from 'vue';
import type { Page } from '../api/types.js';
import { describeError } from '../format/problems.js';

export interface Paged<T> {
  items: T[];
  loading: boolean;
  /** True once a first page is there: before that an empty list means nothing yet. */
  loaded: boolean;
  /** One sentence for staff, or empty. */
  error: string;
  hasMore: boolean;
  reload(): Promise<void>;
  more(): Promise<void>;
}

/** `keepError`: for lists that reload by themselves, a sentence stays until a load succeeds instead of flickering. */
export function usePaged<T>(
  fetchPage: (cursor: string | null) => Promise<Page<T>>,
  { keepError = false }: { keepError?: boolean } = {},
): Paged<T> {
  let cursor: string | null = null;
  let run = 0;

  async function load(from: string | null): Promise<void> {
    const mine = ++run;
    list.loading = true;
    if (!keepError) list.error = '';
    try {
      const page = await fetchPage(from);
      if (mine !== run) return;
      list.items = from ? [...list.items, ...page.items] : page.items;
      cursor = page.nextCursor;
      list.hasMore = cursor !== null;
      list.loaded = true;
      list.error = '';
    } catch (cause) {
      if (mine === run) list.error = describeError(cause);
    } finally {
      if (mine === run) list.loading = false;
    }
  }

  const list: Paged<T> = shallowReactive<Paged<T>>({
    items: [],
    loading: false,
    loaded: false,
    error: '',
    hasMore: false,
    reload: () => load(null),
    more: () => (cursor && !list.loading ? load(cursor) : Promise.resolve()),
  });
  return list;
}
