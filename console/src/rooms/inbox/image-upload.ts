/** Checks and uploads one picture for a reply. The limits are the platform's: 2 MB; PNG, JPEG or GIF. */
import { ref, type Ref } from 'vue';
import { api } from '@/api/endpoints';
import { describeError } from '@/format/problems';
import { i18n } from '@/i18n';

const maxBytes = 2 * 1024 * 1024;
const kinds = ['image/png', 'image/jpeg', 'image/gif'];

export interface ImageUpload {
  busy: Ref<boolean>;
  error: Ref<string>;
  /** The stored picture's id, or undefined with the reason in `error`. */
  run(file: File): Promise<string | undefined>;
}

export function useImageUpload(): ImageUpload {
  const busy = ref(false);
  const error = ref('');
  const t = i18n.global.t;

  async function run(file: File): Promise<string | undefined> {
    error.value = '';
    if (!kinds.includes(file.type)) error.value = t('composer.imageKind');
    else if (file.size > maxBytes) error.value = t('composer.imageSize', { mb: (file.size / 1024 / 1024).toFixed(1) });
    if (error.value || busy.value) return undefined;
    busy.value = true;
    try {
      return (await api.upload(file, file.name || 'image')).mediaId;
    } catch (cause) {
      error.value = describeError(cause);
      return undefined;
    } finally {
      busy.value = false;
    }
  }
  return { busy, error, run };
}
