/** Stand-ins for the platform's built-in components: what they look like is in base.css, their templates in ../builtin-templates. */
import type { BuiltinTag } from '../builtin-templates.js';
import { pickerDefinition } from './picker.js';
import type { BuiltinDefinition, ButtonActions, Self } from './types.js';

const text = (value = '') => ({ type: String, value });
const flag = (value = false) => ({ type: Boolean, value });
const number = (value = 0) => ({ type: Number, value });
const child = <T extends HTMLElement>(self: Self, selector: string): T | null => self.$$.querySelector<T>(selector);

const fits: Readonly<Record<string, string>> = {
  scaleToFill: 'fill',
  aspectFit: 'contain',
  aspectFill: 'cover',
  widthFix: 'fill',
};
const image: BuiltinDefinition = {
  properties: { src: text(), mode: text('scaleToFill'), lazyLoad: flag() },
  data: { real: '', fit: 'width:100%;height:100%;object-fit:fill' },
  observers: {
    src(value: string) {
      // A path of the mini-program lies below the place the preview is served from, which is the page's own.
      this.setData({ real: value.startsWith('/') ? `.${value}` : value });
    },
    mode(value: string) {
      const height = value === 'widthFix' ? 'auto' : '100%';
      this.setData({ fit: `width:100%;height:${height};object-fit:${fits[value] ?? 'none'}` });
    },
  },
  methods: {
    onload() {
      this.triggerEvent('load', {});
    },
    onerror() {
      this.triggerEvent('error', { errMsg: 'image:fail' });
    },
  },
};

const button = (actions: ButtonActions): BuiltinDefinition => ({
  properties: {
    type: text('default'),
    size: text('default'),
    plain: flag(),
    disabled: flag(),
    loading: flag(),
    openType: text(),
    formType: text(),
    sessionFrom: text(),
  },
  observers: {
    'type,size,disabled,plain,loading'(...values: never[]) {
      ['type', 'size', 'disabled', 'plain', 'loading'].forEach((name, i) => {
        if (values[i]) this.$$.setAttribute(`data-${name}`, String(values[i]));
        else this.$$.removeAttribute(`data-${name}`);
      });
      this.$$.setAttribute('aria-disabled', String(Boolean(values[2])));
    },
  },
  lifetimes: {
    attached() {
      this.$$.setAttribute('role', 'button');
      this.$$.addEventListener('click', () => void pressed(this, actions));
    },
  },
});

async function pressed(self: Self, actions: ButtonActions): Promise<void> {
  if (self.data['disabled']) return;
  if (self.data['openType'] === 'getPhoneNumber') self.triggerEvent('getphonenumber', await actions.phoneNumber());
  if (self.data['openType'] !== 'contact') return;
  await actions.contact(String(self.data['sessionFrom']));
  self.triggerEvent('contact', { errMsg: 'enterContact:ok' });
}

const input: BuiltinDefinition = {
  properties: {
    value: text(),
    placeholder: text(),
    type: text('text'),
    password: flag(),
    maxlength: number(140),
    disabled: flag(),
    focus: flag(),
    placeholderClass: text(),
    placeholderStyle: text(),
  },
  data: { kind: 'text' },
  observers: {
    'type,password'(type: string, password: boolean) {
      this.setData({ kind: password ? 'password' : type === 'number' || type === 'digit' ? 'tel' : 'text' });
    },
    disabled(value: boolean) {
      const field = child<HTMLInputElement>(this, 'input');
      if (field) field.disabled = value;
    },
  },
  methods: {
    // The browser's own event would pass through as it is; the platform's carries the value.
    oninput() {
      const value = child<HTMLInputElement>(this, 'input')?.value ?? '';
      this.setData({ value });
      this.triggerEvent('input', { value, cursor: value.length });
    },
    onfocus() {
      this.triggerEvent('focus', { value: this.data['value'] });
    },
    onblur() {
      this.triggerEvent('blur', { value: this.data['value'] });
    },
    onchange() {
      this.triggerEvent('confirm', { value: this.data['value'] });
    },
  },
};

const scrollView: BuiltinDefinition = {
  properties: {
    scrollX: flag(),
    scrollY: flag(),
    enableFlex: flag(),
    scrollTop: number(),
    scrollIntoView: text(),
    lowerThreshold: number(50),
    upperThreshold: number(50),
  },
  observers: {
    'scrollX,scrollY'(x: boolean, y: boolean) {
      this.$$.style.overflowX = x ? 'auto' : 'hidden';
      this.$$.style.overflowY = y ? 'auto' : 'hidden';
    },
    scrollTop(value: number) {
      this.$$.scrollTop = value;
    },
  },
  lifetimes: {
    attached() {
      let low = false;
      this.$$.addEventListener('scroll', () => {
        const { scrollTop, scrollLeft, scrollHeight, clientHeight, scrollWidth, clientWidth } = this.$$;
        this.triggerEvent('scroll', { scrollTop, scrollLeft });
        const left = this.data['scrollY']
          ? scrollHeight - scrollTop - clientHeight
          : scrollWidth - scrollLeft - clientWidth;
        const isLow = left <= Number(this.data['lowerThreshold']);
        if (isLow && !low) this.triggerEvent('scrolltolower', {});
        low = isLow;
      });
    },
  },
};

const openTypes: Readonly<Record<string, 'navigateTo' | 'redirectTo' | 'switchTab' | 'reLaunch' | 'navigateBack'>> = {
  navigate: 'navigateTo',
  redirect: 'redirectTo',
  switchTab: 'switchTab',
  reLaunch: 'reLaunch',
  navigateBack: 'navigateBack',
};
const navigator: BuiltinDefinition = {
  properties: { url: text(), openType: text('navigate'), delta: number(1) },
  lifetimes: {
    attached() {
      this.$$.setAttribute('role', 'link');
      this.$$.addEventListener('click', () => {
        const open = openTypes[String(this.data['openType'])] ?? 'navigateTo';
        globalThis.wx[open]?.({ url: String(this.data['url']), delta: Number(this.data['delta']) });
      });
    },
  },
};

const switchButton: BuiltinDefinition = {
  properties: { checked: flag(), disabled: flag(), color: text() },
  observers: {
    checked(value: boolean) {
      const field = child<HTMLInputElement>(this, 'input');
      if (field) field.checked = value;
    },
    disabled(value: boolean) {
      const field = child<HTMLInputElement>(this, 'input');
      if (field) field.disabled = value;
    },
  },
  lifetimes: {
    attached() {
      const field = child<HTMLInputElement>(this, 'input');
      if (field) Object.assign(field, { checked: this.data['checked'], disabled: this.data['disabled'] });
    },
  },
  methods: {
    ignore() {
      // `change` tells the same once, with the value the platform's event carries.
    },
    onchange() {
      const value = child<HTMLInputElement>(this, 'input')?.checked ?? false;
      this.setData({ checked: value });
      this.triggerEvent('change', { value });
    },
  },
};

/** A tap on the words beside a field is a tap on the field. */
const label: BuiltinDefinition = {
  lifetimes: {
    attached() {
      this.$$.addEventListener('click', (event) => {
        const field = child<HTMLInputElement>(this, 'input');
        if (field && event.target !== field) field.click();
      });
    },
  },
};

/** What each tag does beyond showing its children. */
export function builtinDefinitions(actions: ButtonActions): Partial<Record<BuiltinTag, BuiltinDefinition>> {
  return {
    image,
    button: button(actions),
    input,
    'scroll-view': scrollView,
    navigator,
    switch: switchButton,
    label,
    picker: pickerDefinition,
  };
}
