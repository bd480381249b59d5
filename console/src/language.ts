/** The language this browser chose: remembered here, shown by the texts in i18n.ts, told to the page for screen readers. */
import { i18n, type Locale, locales } from './i18n';

const storageKey = 'huike.locale';

function show(locale: Locale): void {
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
}

/** Once, before anything is shown. */
export function restoreLocale(): void {
  const stored = localStorage.getItem(storageKey);
  show(locales.find((locale) => locale === stored) ?? locales[0]);
}

export function setLocale(locale: Locale): void {
  show(locale);
  localStorage.setItem(storageKey, locale);
}
