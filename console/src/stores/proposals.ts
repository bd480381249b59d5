/** How many proposals wait, for the badge; at most a page is counted. */
import { defineStore } from 'pinia';
import { ref } from 'vue';
import { api } from '@/api/endpoints';

const most = 30;

export const useProposals = defineStore('proposals', () => {
  const waiting = ref(0);
  const more = ref(false);

  /** A badge is not worth an alarm: without an answer it stays as it was. */
  async function refresh(): Promise<void> {
    const page = await api.proposals({ limit: most }).catch(() => undefined);
    if (!page) return;
    waiting.value = page.items.length;
    more.value = page.nextCursor !== null;
  }

  return { waiting, more, refresh };
});
