// Everything that the page shows is made here. Names come from whoever made the memory: they become
// text, never markup, and what would hide or turn letters round is shown as an escape.

const kSvg = 'http://www.w3.org/2000/svg';
const kUnseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

export function shown(text) {
  return String(text).replace(kUnseen, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, name === 'title' ? shown(value) : value === true ? '' : value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined) continue;
    element.append(child instanceof Node ? child : shown(child));
  }
  return element;
}

/// make('td', {class: 'number'}, 'text', make('b', {}, 'more'))
export function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function makeSvg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(kSvg, name), attributes, children);
}

export function byId(id) {
  return document.getElementById(id);
}

/// A piece of colour beside a name.
export function swatch(color) {
  const element = make('i', {class: 'swatch'});
  element.style.background = color;
  return element;
}
