/** How many people lie in each cell of the grid, counted a few at a time. A cell too large to count at once stays unknown. */
import { onUnmounted, ref, watch, type Ref } from 'vue';
import { api } from '@/api/endpoints';
import { describeError } from '@/format/problems';
import { type Cell, cells, ruleOfCell } from './names';

export const keyOf = ({ r, fm }: Pick<Cell, 'r' | 'fm'>): string => `${r}/${fm}`;
const AT_ONCE = 3;

export function useCells(run: () => { id: string; frequencyAlone: boolean }): {
  people: Ref<ReadonlyMap<string, number>>;
  error: Ref<string>;
} {
  const people = ref<ReadonlyMap<string, number>>(new Map());
  const error = ref('');
  let asked = 0;

  async function countAll(mine: number, frequencyAlone: boolean): Promise<void> {
    const waiting = [...cells];
    const found = new Map<string, number>();
    const work = async (): Promise<void> => {
      for (let cell = waiting.shift(); cell && mine === asked; cell = waiting.shift()) {
        const { people: n } = await api.countPeople(ruleOfCell(cell, { frequencyAlone }));
        if (mine !== asked) return;
        if (n !== null) found.set(keyOf(cell), n);
        // Shown as they come: a cell need not wait for the slowest one.
        people.value = new Map(found);
      }
    };
    people.value = found;
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
  watch(
    () => JSON.stringify(run()),
    () => {
      const mine = ++asked;
      error.value = '';
      countAll(mine, run().frequencyAlone).catch((cause: unknown) => {
        if (mine === asked) error.value = describeError(cause);
      });
    },
    { immediate: true },
  );
  onUnmounted(() => (asked += 1));
  return { people, error };
}
