/** Checks and uploads one picture or file for a reply. Pictures have the platform's limits, 2 MB as PNG, JPEG or GIF; files the server's, 20 MB. */
import { ref, type Ref } from 'vue';
import { api } from '@/api/endpoints';
import { describeError } from '@/format/problems';
import { i18n } from '@/i18n';

const MB = 1024 * 1024;
const maxPictureBytes = 2 * MB;
const maxFileBytes = 20 * MB;
const pictures = ['image/png', 'image/jpeg', 'image/gif'];
const mb = (file: File): { mb: string } => ({ mb: (file.size / MB).toFixed(1) });

export interface Uploads {
  busy: Ref<boolean>;
  error: Ref<string>;
  /** The stored picture's id, or undefined with the reason in `error`. */
  picture(file: File): Promise<string | undefined>;
  /** The same of a file of any kind. */
  file(file: File): Promise<string | undefined>;
}

export function useUploads(): Uploads {
  const busy = ref(false);
  const error = ref('');
  const t = i18n.global.t;

  async function run(refusal: string, upload: () => Promise<{ mediaId: string }>): Promise<string | undefined> {
    error.value = refusal;
    if (refusal || busy.value) return undefined;
    busy.value = true;
    try {
      return (await upload()).mediaId;
    } catch (cause) {
      error.value = describeError(cause);
      return undefined;
    } finally {
      busy.value = false;
    }
  }

  function wrongPicture(file: File): string {
    if (!pictures.includes(file.type)) return t('composer.imageKind');
    return file.size > maxPictureBytes ? t('composer.imageSize', mb(file)) : '';
  }
  function wrongFile(file: File): string {
    if (file.size === 0) return t('composer.fileEmpty');
    return file.size > maxFileBytes ? t('composer.fileSize', mb(file)) : '';
  }

  return {
    busy,
    error,
    picture: (file) => run(wrongPicture(file), () => api.upload(file, file.name || 'image')),
    file: (file) => run(wrongFile(file), () => api.uploadFile(file, file.name || 'file')),
  };
}

/** Goes as a picture where the platform takes it as one. */
export const isPicture = (file: File): boolean => pictures.includes(file.type) && file.size <= maxPictureBytes;
