/** One broadcast, read again when something happens to it, and its results once it speaks. */
import { computed, onMounted, onUnmounted, ref, type ComputedRef, type Ref } from 'vue';
import { api } from '@/api/endpoints';
import type { BroadcastResults, BroadcastView } from '@/api/types';
import { describeError } from '@/format/problems';
import { onLiveEvent } from '@/live/live';
import { coalesce } from './coalesce';

export interface KnownBroadcast {
  view: Ref<BroadcastView | null>;
  results: Ref<BroadcastResults | null>;
  error: Ref<string>;
  moving: ComputedRef<boolean>;
  load(): Promise<void>;
  refresh(): void;
}

const POLL_MS = 2000;

/** `id`: empty while it is not stored yet. */
export function useBroadcast(id: () => string): KnownBroadcast {
  const view = ref<BroadcastView | null>(null);
  const results = ref<BroadcastResults | null>(null);
  const error = ref('');
  /**
   * A submitted one waits for somebody else's word, approved ones are being prepared, or wait; a test waits for its outcome. Asked again, for
   * staff without the inbox have no live stream.
   */
  const moving = computed(
    () =>
      view.value !== null &&
      (['submitted', 'approved', 'running'].includes(view.value.state) ||
        view.value.tests.some((test) => !test.stale && test.outcome === 'waiting')),
  );

  async function load(): Promise<void> {
    const asked = id();
    if (!asked) return;
    try {
      const next = await api.broadcast(asked);
      const figures = next.begunAt ? await api.broadcastResults(asked) : null;
      if (asked !== id()) return;
      view.value = next;
      results.value = figures;
      error.value = '';
    } catch (cause) {
      error.value = describeError(cause);
    }
  }
  const refresh = coalesce(load, 700);
  const timer = setInterval(() => {
    if (moving.value) refresh();
  }, POLL_MS);
  let stop: (() => void) | undefined;
  onMounted(() => {
    void load();
    stop = onLiveEvent((event) => {
      if (event.kind === 'broadcast.changed' && event.data['id'] === id()) refresh();
    });
  });
  onUnmounted(() => {
    stop?.();
    clearInterval(timer);
  });
  return { view, results, error, moving, load, refresh };
}
