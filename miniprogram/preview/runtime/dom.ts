/** Small helpers for the frame around the pages. */

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: { class?: string; text?: string; id?: string } = {},
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (given.class !== undefined) made.className = given.class;
  if (given.text !== undefined) made.textContent = given.text;
  if (given.id !== undefined) made.id = given.id;
  return made;
}

/** A style attribute set by script counts as inline style under a strict policy; the same text set through the object model does not. */
export function allowStyleAttribute(made: HTMLElement): HTMLElement {
  const setAttribute = made.setAttribute.bind(made);
  made.setAttribute = (name: string, value: string): void => {
    if (name === 'style') made.style.cssText = value;
    else setAttribute(name, value);
  };
  return made;
}
