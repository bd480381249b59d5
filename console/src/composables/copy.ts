/** Puts a text on the clipboard and says so; without clipboard access (plain http) the text stays to be selected by hand. */
import { describeError } from '@/format/problems';
import { i18n } from '@/i18n';
import { showDone, showError } from './useTask';

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    showDone(i18n.global.t('common.copied'));
  } catch (cause) {
    showError(navigator.clipboard ? describeError(cause) : i18n.global.t('common.copyByHand'));
  }
}
