/** The list pane: which box, what is searched, the conversations in it and the counts; moves by itself with the live stream. */
import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { api } from '@/api/endpoints';
import type { Box, BoxCounts, ConversationSummary } from '@/api/types';
import { coalesce } from '@/composables/coalesce';
import { describeError } from '@/format/problems';
import { liveState, onLiveEvent } from '@/live/live';

export const shownBoxes = ['unassigned', 'mine', 'others', 'closed'] as const satisfies readonly Box[];
const pageSize = 30;
const changesList = /^(message|conversation|note|followUp|identity|customer)\./;

export const useInbox = defineStore('inbox', () => {
  const box = ref<Box>('unassigned');
  const search = ref('');
  const items = ref<ConversationSummary[]>([]);
  const counts = ref<BoxCounts>({ unassigned: 0, mine: 0, others: 0, waiting: 0 });
  const loading = ref(false);
  const loaded = ref(false);
  const error = ref('');
  const nextCursor = ref<string | null>(null);
  let run = 0;

  /** Reads again as many rows as are shown, so that the list keeps its length while it moves. */
  async function load(): Promise<void> {
    const mine = ++run;
    loading.value = true;
    try {
      const limit = Math.min(100, Math.max(pageSize, items.value.length));
      const query = { box: box.value, search: search.value.trim(), limit };
      const [page, latest] = await Promise.all([api.conversations(query), api.counts()]);
      counts.value = latest;
      if (mine !== run) return;
      items.value = page.items;
      nextCursor.value = page.nextCursor;
      error.value = '';
      loaded.value = true;
    } catch (cause) {
      if (mine === run) error.value = describeError(cause);
    } finally {
      if (mine === run) loading.value = false;
    }
  }

  async function more(): Promise<void> {
    if (!nextCursor.value || loading.value) return;
    const mine = ++run;
    loading.value = true;
    try {
      const page = await api.conversations({
        box: box.value,
        search: search.value.trim(),
        cursor: nextCursor.value,
        limit: pageSize,
      });
      if (mine !== run) return;
      const known = new Set(items.value.map((item) => item.id));
      items.value = [...items.value, ...page.items.filter((item) => !known.has(item.id))];
      nextCursor.value = page.nextCursor;
    } catch (cause) {
      if (mine === run) error.value = describeError(cause);
    } finally {
      if (mine === run) loading.value = false;
    }
  }

  function show(next: Box): void {
    if (box.value === next) return;
    box.value = next;
    items.value = [];
    loaded.value = false;
    void load();
  }

  const refresh = coalesce(load, 250);
  /** For the badge in the menu while another room is open. A count that could not be had waits for the next event. */
  const refreshCounts = coalesce(
    () =>
      api.counts().then(
        (latest) => (counts.value = latest),
        () => undefined,
      ),
    1000,
  );

  /** Follows the live stream until the returned function is called. */
  function follow(): () => void {
    void load();
    const stopEvents = onLiveEvent((event) => {
      if (changesList.test(event.kind)) refresh();
    });
    const stopState = watch(liveState, (state) => {
      if (state === 'open') refresh();
    });
    return () => {
      stopEvents();
      stopState();
    };
  }

  return {
    box,
    search,
    items,
    counts,
    loading,
    loaded,
    error,
    nextCursor,
    load,
    more,
    show,
    refresh,
    refreshCounts,
    follow,
  };
});
