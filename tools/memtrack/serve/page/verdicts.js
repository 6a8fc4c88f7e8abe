// What is wrong, with what was seen and what to do about it.
import {byId, make, swatch} from './elements.js';
import {counted, evidence} from './words.js';

const kIcons = {leak: '▲', risk: '●'};

function card(verdict, colors) {
  const numbers = Object.entries(verdict.evidence).map(([name, value]) => make('div', {},
      make('dt', {}, name.replaceAll('_', ' ')), make('dd', {}, evidence(name, value))));
  return make('article', {class: `verdict ${verdict.severity}`, 'data-finding': verdict.finding,
    'data-tag': verdict.tag},
  make('h3', {},
      make('span', {class: 'badge'}, kIcons[verdict.severity] ?? '', ' ', verdict.severity),
      make('span', {class: 'finding'}, verdict.finding.replaceAll('-', ' ')),
      verdict.tag ? make('span', {class: 'tag'}, swatch(colors.of(verdict.tag)), verdict.tag) : null),
  make('p', {class: 'text'}, verdict.text),
  verdict.advice ? make('p', {class: 'advice'}, verdict.advice) : null,
  numbers.length > 0 ? make('dl', {class: 'evidence'}, ...numbers) : null);
}

export function showVerdicts(data, colors) {
  const cards = data.verdicts.map((verdict) => card(verdict, colors));
  if (cards.length === 0) {
    const calm = data.watch.passes < 5 ? 'Nothing yet: a verdict takes several passes.' :
      'Nothing leaks.';
    cards.push(make('p', {class: 'calm'}, calm));
  }
  const more = data.verdicts_total - data.verdicts.length;
  if (more > 0) cards.push(make('p', {class: 'calm'}, `and ${more} more`));
  byId('verdicts').replaceChildren(...cards);
  const leaks = data.verdicts.filter((one) => one.severity === 'leak').length;
  byId('verdicts-count').textContent = data.verdicts.length === 0 ? '' :
    `${counted(leaks, 'leak')}, ${counted(data.verdicts.length - leaks, 'risk')}`;
}
