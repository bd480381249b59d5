/** Names of the segments and lists there are: to choose from, and to speak of them by name. Read once for all builders on a page. */
import { shallowRef, type ShallowRef } from 'vue';
import { api } from '@/api/endpoints';

export interface Named {
  id: string;
  name: string;
}
const MOST = 100;
const segments = shallowRef<Named[]>([]);
const lists = shallowRef<Named[]>([]);

export function useNames(): { segments: ShallowRef<Named[]>; lists: ShallowRef<Named[]>; load(): Promise<void> } {
  async function load(): Promise<void> {
    const [known, kept] = await Promise.all([api.segments({ limit: MOST }), api.lists({ limit: MOST })]);
    segments.value = known.items;
    lists.value = kept.items;
  }
  return { segments, lists, load };
}

export const namesById = (...kinds: ReadonlyArray<readonly Named[]>): Map<string, string> =>
  new Map(kinds.flat().map(({ id, name }) => [id, name]));
