/** What the parts of one rule builder share, from the builder down to its innermost condition. */
import { inject, provide, type ComputedRef, type InjectionKey } from 'vue';
import type { SegmentFieldView } from '@/api/types';
import type { Problem } from './rule-draft';
import type { Naming } from './rule-words';
import type { Named } from './useNames';

export interface Builder {
  fields: ComputedRef<readonly SegmentFieldView[]>;
  naming: ComputedRef<Naming>;
  problems: ComputedRef<readonly Problem[]>;
  segments: ComputedRef<readonly Named[]>;
  lists: ComputedRef<readonly Named[]>;
  disabled: ComputedRef<boolean>;
  /** Whether the rule may take one more condition. */
  full: ComputedRef<boolean>;
}
const key: InjectionKey<Builder> = Symbol('rule builder');

export const provideBuilder = (builder: Builder): void => provide(key, builder);
export function useBuilder(): Builder {
  const builder = inject(key);
  if (!builder) throw new Error('only inside a rule builder');
  return builder;
}
