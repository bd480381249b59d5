/** Names of levels by their codes, read once from the catalogue of fields. Until it is there a level shows its code. */
import { shallowRef, type ShallowRef } from 'vue';
import { api } from '@/api/endpoints';
import type { Titles } from '@/api/types';

const levels = shallowRef<ReadonlyMap<string, Titles>>(new Map());
let asked: Promise<void> | undefined;

async function read(): Promise<void> {
  const field = (await api.segmentFields()).items.find(({ code }) => code === 'level');
  levels.value = new Map((field?.options ?? []).map(({ value, title }) => [value, title]));
}

/** A failed read is tried again by the next list. */
export function useLevels(): ShallowRef<ReadonlyMap<string, Titles>> {
  asked ??= read().catch(() => void (asked = undefined));
  return levels;
}
