/** Languages: Chinese first, English one click away. All texts live in the two files of locales/. */
import { createI18n } from 'vue-i18n';
import en from './locales/en.json';
import zh from './locales/zh-CN.json';

export const locales = ['zh-CN', 'en'] as const;
export type Locale = (typeof locales)[number];
/** English must have every text that Chinese has. */
const messages: Record<Locale, typeof zh> = { 'zh-CN': zh, en };
const storageKey = 'huike.locale';

function remembered(): Locale {
  const stored = localStorage.getItem(storageKey);
  return locales.find((locale) => locale === stored) ?? 'zh-CN';
}

export const i18n = createI18n({
  legacy: false,
  locale: remembered(),
  fallbackLocale: 'zh-CN',
  messages,
  missingWarn: false,
  fallbackWarn: false,
});

export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale;
  localStorage.setItem(storageKey, locale);
  document.documentElement.lang = locale;
}

export const currentLocale = (): Locale => i18n.global.locale.value as Locale;
document.documentElement.lang = currentLocale();

/** The text for a key made at run time, or undefined when neither file has it. */
export function textIfAny(key: string, values: Record<string, unknown> = {}): string | undefined {
  return i18n.global.te(key) || i18n.global.te(key, 'zh-CN') ? i18n.global.t(key, values) : undefined;
}
