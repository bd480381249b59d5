/** Makes elements. Text is always text: nothing that came over the wire is ever parsed as HTML. */
export const byId = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'class') element.className = value;
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

const colours = ['#5b8ff9', '#f6903d', '#61ad6b', '#9270ca', '#e8684a', '#269a99', '#d8709b', '#6f7f95'];

/** A round-cornered picture with the first letter of a name, always in the same colour. */
export function avatar(name, extra = '') {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  const element = h('span', { class: `avatar ${extra}`, 'aria-hidden': 'true' }, [...name][0] ?? '?');
  element.style.background = colours[sum % colours.length];
  return element;
}
