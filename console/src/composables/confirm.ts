/** Asks once more before a step that is hard to take back. Resolves to false when the person turns back. */
import { ElMessageBox } from 'element-plus';
import 'element-plus/es/components/message-box/style/css';
import { i18n } from '@/i18n';

export function confirmStep(step: { title: string; text: string; action: string }): Promise<boolean> {
  return ElMessageBox.confirm(step.text, step.title, {
    confirmButtonText: step.action,
    cancelButtonText: i18n.global.t('common.cancel'),
  }).then(
    () => true,
    () => false,
  );
}
