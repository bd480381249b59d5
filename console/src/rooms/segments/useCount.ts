/** How many people a rule finds, counted again whenever it pauses changing; long counts go on in the background and tell how far they are. */
import { onUnmounted, reactive, watch } from 'vue';
import { ApiError } from '@/api/client';
import { api } from '@/api/endpoints';
import type { FieldProblem, SegmentRule } from '@/api/types';
import { describeError } from '@/format/problems';

export interface Counting {
  /** Null before the first answer. */
  people: number | null;
  /** Everybody there is. */
  total: number;
  busy: boolean;
  /** 0 to 1 while a long count goes on. */
  progress: number | null;
  error: string;
  problems: FieldProblem[];
}

const PAUSE_MS = 400;
const POLL_MS = 1000;

/** `rule` answers undefined while something is not filled in: then nothing is counted. */
export function useCount(rule: () => SegmentRule | undefined): Counting {
  const counting = reactive<Counting>({ people: null, total: 0, busy: false, progress: null, error: '', problems: [] });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let run = 0;
  const rest = (ms: number): Promise<void> => new Promise((resolve) => (timer = setTimeout(resolve, ms)));

  async function follow(id: string, mine: number): Promise<void> {
    while (mine === run) {
      const job = await api.countJob(id);
      if (mine !== run) return;
      if (job.state === 'done') return void Object.assign(counting, { people: job.people, total: job.total });
      if (job.state === 'failed') throw new Error('the count failed');
      counting.progress = job.total > 0 ? job.done / job.total : 0;
      await rest(POLL_MS);
    }
  }
  async function count(asked: SegmentRule, mine: number): Promise<void> {
    counting.busy = true;
    try {
      const answer = await api.countPeople(asked);
      if (mine !== run) return;
      Object.assign(counting, { error: '', problems: [], total: answer.total });
      if (answer.people !== null) counting.people = answer.people;
      else if (answer.countId) await follow(answer.countId, mine);
    } catch (cause) {
      if (mine !== run) return;
      counting.problems = cause instanceof ApiError ? cause.fields : [];
      counting.error = counting.problems.length ? '' : describeError(cause);
      counting.people = null;
    } finally {
      if (mine === run) Object.assign(counting, { busy: false, progress: null });
    }
  }
  watch(
    () => JSON.stringify(rule() ?? null),
    async () => {
      const mine = ++run;
      clearTimeout(timer);
      const asked = rule();
      if (!asked) return void Object.assign(counting, { people: null, busy: false, problems: [], error: '' });
      await rest(PAUSE_MS);
      if (mine === run) await count(asked, mine);
    },
    { immediate: true },
  );
  onUnmounted(() => {
    run += 1;
    clearTimeout(timer);
  });
  return counting;
}
