/** What is wrong with the draft of a field before the server is asked. Pure. */
import type { CustomFieldView } from '../../../api/types.js';

export interface FieldDraft {
  key: string;
  zh: string;
  type: CustomFieldView['type'];
  options: readonly string[];
}
export type DraftProblem = 'name' | 'key' | 'taken' | 'options';

/** `taken`: keys of fields that a new one would write over. */
export function fieldProblem(
  { key, zh, type, options }: FieldDraft,
  taken: readonly string[],
): DraftProblem | undefined {
  if (!zh.trim()) return 'name';
  if (!/^[a-z][a-z0-9_-]{0,39}$/.test(key)) return 'key';
  if (taken.includes(key)) return 'taken';
  const fitting = options.length > 0 && options.length <= 50 && options.every((one) => one.length <= 40);
  return type === 'choice' && !fitting ? 'options' : undefined;
}
