/** Counts a broadcast's forecast and waits for it. */
import { onUnmounted, ref, type Ref } from 'vue';
import { api } from '@/api/endpoints';
import type { ForecastProgress } from '@/api/types';
import { describeError, describeReason } from '@/format/problems';

const POLL_MS = 700;

export interface Forecasting {
  /** People counted so far; null: nothing is being counted. */
  people: Ref<number | null>;
  error: Ref<string>;
  /** Resolves to true when the forecast is there. */
  run(id: string): Promise<boolean>;
}

export function useForecast(): Forecasting {
  const people = ref<number | null>(null);
  const error = ref('');
  let gone = false;
  onUnmounted(() => (gone = true));

  async function whole(id: string): Promise<boolean> {
    let progress: ForecastProgress = await api.startForecast(id);
    while (progress.state === 'counting' && !gone) {
      people.value = progress.people;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      progress = await api.forecast(id);
    }
    if (progress.state === 'failed') error.value = describeReason(progress.reason);
    return progress.state === 'done';
  }

  async function run(id: string): Promise<boolean> {
    if (people.value !== null) return false;
    people.value = 0;
    error.value = '';
    try {
      return await whole(id);
    } catch (cause) {
      error.value = describeError(cause);
      return false;
    } finally {
      people.value = null;
    }
  }
  return { people, error, run };
}
