/** Turns what went wrong into one sentence for staff: our own words by code, else the server's detail. */
import { ApiError } from '../api/client.js';
import { i18n, textIfAny } from '../i18n.js';

export function describeError(error: unknown): string {
  const t = i18n.global.t;
  if (!(error instanceof ApiError)) return t('errors.unexpected');
  const own = textIfAny(`errors.${error.code}`);
  const fields = error.fields.map((field) => `${field.path}: ${field.message}`).join('; ');
  if (fields) return `${own ?? error.detail ?? t('errors.unexpected')} (${fields})`;
  return own ?? error.detail ?? t('errors.unexpected');
}

/** Why a message was held, skipped or refused, or is unknown; an unfamiliar code is shown as it is. */
export function describeReason(reason: string | null): string {
  return reason ? (textIfAny(`reasons.${reason}`) ?? reason) : '';
}
