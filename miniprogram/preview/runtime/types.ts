/** What the build hands to the runtime, and the little of the component framework that the runtime reaches into. */
import type { glassEasel } from 'glass-easel-miniprogram-adapter';
import type { AppConfig, Part, PartConfig } from '../config.js';

export type { AppConfig, Part, PartConfig };

export type Templates = Record<string, unknown>;
export interface PreviewInput {
  app: AppConfig;
  pages: Record<string, PartConfig>;
  templates: Templates;
  /** Path under which the files are served. */
  base: string;
}

/** A component as the built-ins see themselves. */
export interface Self {
  data: Record<string, unknown>;
  $$: HTMLElement;
  setData(change: Record<string, unknown>): void;
  triggerEvent(name: string, detail?: unknown, options?: { bubbles?: boolean }): void;
}
export interface BuiltinDefinition {
  properties?: Record<string, { type: unknown; value: unknown }>;
  data?: Record<string, unknown>;
  observers?: Record<string, (this: Self, ...values: never[]) => void>;
  methods?: Record<string, (this: Self, event: { detail?: { value?: string } }) => void>;
  lifetimes?: Record<string, (this: Self) => void>;
}

/** A page's own functions, called by name. */
export type PageObject = Record<string, unknown>;
export interface OpenPage {
  path: string;
  query: Record<string, string>;
  object: PageObject;
  component: glassEasel.GeneralComponent;
  element: HTMLElement;
  /** What setNavigationBarTitle and the like changed. */
  changed: PartConfig;
  release(): void;
}

/** Functions of the frame that the platform's buttons use. */
export interface ButtonActions {
  phoneNumber(): Promise<{ errMsg: string; code?: string }>;
  contact(sessionFrom: string): Promise<void>;
}
