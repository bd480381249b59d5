/** The console's texts: Chinese first, English beside it. All live in the two files of locales/; nothing here touches the page. */
import { createI18n } from 'vue-i18n';
import en from './locales/en.json' with { type: 'json' };
import zh from './locales/zh-CN.json' with { type: 'json' };

export const locales = ['zh-CN', 'en'] as const;
export type Locale = (typeof locales)[number];
/** English must have every text that Chinese has. */
const messages: Record<Locale, typeof zh> = { 'zh-CN': zh, en };

export const i18n = createI18n({
  legacy: false,
  locale: locales[0] as Locale,
  fallbackLocale: 'zh-CN',
  messages,
  missingWarn: false,
  fallbackWarn: false,
});

export const currentLocale = (): Locale => i18n.global.locale.value as Locale;

/** The text for a key made at run time, or undefined when neither file has it. */
export function textIfAny(key: string, values: Record<string, unknown> = {}): string | undefined {
  return i18n.global.te(key) || i18n.global.te(key, 'zh-CN') ? i18n.global.t(key, values) : undefined;
}
