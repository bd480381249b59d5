/**
 * Files that people send each other: how large, and under which name. Nobody's name for a file is believed: it may hide what the file is, or
 * reach out of a folder. Pure.
 */

/** Of any kind; what the media store takes. */
export const MAX_FILE_BYTES = 20 * 1024 * 1024;

const MAX_CHARACTERS = 120;
const MAX_EXTENSION = 16;
/** What a name falls back to. */
const NAMELESS = 'file';
/** Signs that stand for nothing one sees: control and format characters (with them those that turn the direction of writing) and halves of pairs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Names that Windows keeps for devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The name that a file is shown, sent and saved under: its last part, without what cannot be seen or no file system takes, 120 characters
 * at most; the extension stays. The same for what is safe already. `file` where nothing is left.
 */
export function safeFileName(given: string): string {
  const last = given.split(/[\\/]/).findLast((part) => part.trim() !== '') ?? '';
  const plain = last
    .normalize('NFC')
    .replace(UNSEEN, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  return shortened(DEVICE.test(plain) ? `_${plain}` : plain) || NAMELESS;
}

/** `MAX_CHARACTERS` at most, cut before the extension: it tells people what they are about to open. */
function shortened(name: string): string {
  const characters = [...name];
  if (characters.length <= MAX_CHARACTERS) return name;
  const dot = characters.lastIndexOf('.');
  const extension = dot > 0 && characters.length - dot <= MAX_EXTENSION ? characters.slice(dot) : [];
  const stem = characters.slice(0, MAX_CHARACTERS - extension.length).join('');
  return stem.replace(/[. ]+$/, '') + extension.join('');
}
