/**
 * The platform's built-in components that the mini-program uses, each with the template of its stand-in in the browser.
 * `h-input` becomes a real <input>; every other tag gets the prefix `wx-`, as on the platform. A tag that is not here is refused by the gate.
 */
const slot = '<slot/>';

export const builtinTemplates = {
  view: slot,
  text: slot,
  label: slot,
  form: slot,
  image: '<h-img src="{{real}}" style="{{fit}}" alt="{{ariaLabel}}" bind:load="onload" bind:error="onerror" />',
  button: slot,
  input:
    '<h-input value="{{value}}" placeholder="{{placeholder}}" type="{{kind}}" maxlength="{{maxlength}}" aria-label="{{ariaLabel}}" catch:input="oninput" catch:focus="onfocus" catch:blur="onblur" catch:change="onchange" />',
  'scroll-view': slot,
  navigator: slot,
  switch:
    '<h-input type="checkbox" role="switch" aria-label="{{ariaLabel}}" catch:input="ignore" catch:change="onchange" />',
  picker: slot,
} as const;

export type BuiltinTag = keyof typeof builtinTemplates;

/** Tags of the template language itself. */
export const languageTags: ReadonlySet<string> = new Set([
  'block',
  'slot',
  'template',
  'import',
  'include',
  'wxs',
  'page-meta',
]);
