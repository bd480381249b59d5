/** Runs one action at a time, with a busy flag, and says what went wrong at the place that asked or as a notice. */
import { ElMessage } from 'element-plus';
import 'element-plus/es/components/message/style/css';
import { ref, type Ref } from 'vue';
import { describeError } from '@/format/problems';

export interface Task {
  busy: Ref<boolean>;
  error: Ref<string>;
  /** Resolves to false when the work failed; the reason is then in `error`. */
  run(work: () => Promise<unknown>): Promise<boolean>;
}

/** `notify`: also show the reason as a notice, for actions without a place of their own. */
export function useTask({ notify = false }: { notify?: boolean } = {}): Task {
  const busy = ref(false);
  const error = ref('');
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    error.value = '';
    try {
      await work();
      return true;
    } catch (cause) {
      error.value = describeError(cause);
      if (notify) showError(error.value);
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, error, run };
}

export const showError = (message: string): void =>
  void ElMessage({ type: 'error', message, grouping: true, duration: 5000 });
export const showDone = (message: string): void => void ElMessage({ type: 'success', message, grouping: true });
