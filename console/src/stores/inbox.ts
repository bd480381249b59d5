/** The list pane: which box, what is searched, the conversations in it and the counts; moves by itself with the live stream. */
import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { api } from '@/api/endpoints';
import type { Box, BoxCounts, ConversationSummary, Page } from '@/api/types';
import { coalesce } from '@/composables/coalesce';
import { usePaged } from '@/composables/usePaged';
import { liveState, onLiveEvent } from '@/live/live';

export const shownBoxes = ['unassigned', 'mine', 'others', 'closed'] as const satisfies readonly Box[];
const pageSize = 30;
const changesList = /^(message|conversation|note|followUp|identity|customer)\./;

export const useInbox = defineStore('inbox', () => {
  const box = ref<Box>('unassigned');
  const search = ref('');
  const counts = ref<BoxCounts>({ unassigned: 0, mine: 0, others: 0, waiting: 0 });
  const list = usePaged((cursor) => (cursor ? older(cursor) : newest()), { keepError: true });
  const query = () => ({ box: box.value, search: search.value.trim() });

  /** Reads again as many rows as are shown, so that the list keeps its length while it moves. */
  async function newest(): Promise<Page<ConversationSummary>> {
    const limit = Math.min(100, Math.max(pageSize, list.items.length));
    const [page, latest] = await Promise.all([api.conversations({ ...query(), limit }), api.counts()]);
    counts.value = latest;
    return page;
  }

  /** A conversation that moved down meanwhile comes a second time; it is shown once. */
  async function older(cursor: string): Promise<Page<ConversationSummary>> {
    const page = await api.conversations({ ...query(), cursor, limit: pageSize });
    const known = new Set(list.items.map((item) => item.id));
    return { ...page, items: page.items.filter((item) => !known.has(item.id)) };
  }

  function show(next: Box): void {
    if (box.value === next) return;
    box.value = next;
    list.items = [];
    list.loaded = false;
    void list.reload();
  }

  const refresh = coalesce(list.reload, 250);
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
    void list.reload();
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

  return { box, search, list, counts, show, refresh, refreshCounts, follow };
});
