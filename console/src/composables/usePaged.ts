/** A list that grows page by page. A load that was overtaken by a newer one is dropped. */
import { ref, type Ref } from 'vue';
import type { Page } from '@/api/types';
import { describeError } from '@/format/problems';

export interface Paged<T> {
  items: Ref<T[]>;
  loading: Ref<boolean>;
  error: Ref<string>;
  hasMore: Ref<boolean>;
  reload(): Promise<void>;
  more(): Promise<void>;
}

export function usePaged<T>(fetchPage: (cursor: string | null) => Promise<Page<T>>): Paged<T> {
  const items = ref([]) as Ref<T[]>;
  const loading = ref(false);
  const error = ref('');
  const hasMore = ref(false);
  let cursor: string | null = null;
  let run = 0;

  async function load(from: string | null): Promise<void> {
    const mine = ++run;
    loading.value = true;
    error.value = '';
    try {
      const page = await fetchPage(from);
      if (mine !== run) return;
      items.value = from ? [...items.value, ...page.items] : page.items;
      cursor = page.nextCursor;
      hasMore.value = cursor !== null;
    } catch (cause) {
      if (mine === run) error.value = describeError(cause);
    } finally {
      if (mine === run) loading.value = false;
    }
  }
  return {
    items,
    loading,
    error,
    hasMore,
    reload: () => load(null),
    more: () => (cursor && !loading.value ? load(cursor) : Promise.resolve()),
  };
}
