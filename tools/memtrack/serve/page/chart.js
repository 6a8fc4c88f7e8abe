// The chart: bytes of each tag, one above the other, over time.
/* global uPlot */
import {kOther, themed} from './colors.js';
import {byId, make, swatch} from './elements.js';
import {bytes, change, clock, roundBytes} from './words.js';

const kHeight = 340;
const kIncrements = Array.from({length: 45}, (_, i) => 2 ** i);

/// What lies in the stack, from the bottom: {tag, values, color}.
function layersOf(chart, colors, hidden) {
  const layers = [{tag: null, values: chart.other, color: colors.of(null)}];
  chart.tags.forEach((tag, i) => layers.push({tag, values: chart.bytes[i], color: colors.of(tag)}));
  return layers.filter((layer) => !hidden.has(layer.tag))
      .filter((layer) => layer.tag !== null || layer.values.some((value) => value > 0));
}

function stacked(layers, times) {
  const sums = new Array(times.length).fill(0);
  const rows = layers.map((layer) => layer.values.map((value, i) => (sums[i] += value)));
  return [times.map((time) => time / 1000), ...rows];
}

const hours = (seconds) => clock(seconds * 1000).replace(/:00$/, '');

export class Chart {
  #plot = null;
  #shape = '';  // what the plot was made for
  #layers = [];
  #times = [];
  #hidden = new Set();
  #tip = make('div', {class: 'tip', hidden: true});
  #colors;
  #last = null;

  constructor(colors) {
    this.#colors = colors;
    new ResizeObserver(() => this.#fit()).observe(byId('chart'));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#redraw());
  }

  show(data) {
    this.#last = data;
    this.#layers = layersOf(data.chart, this.#colors, this.#hidden);
    this.#times = data.chart.times_ms;
    const shape = JSON.stringify(this.#layers.map((layer) => [layer.tag, layer.color]));
    const isNew = shape !== this.#shape;
    const {left, top} = this.#plot?.cursor ?? {};
    if (isNew) this.#make();
    this.#shape = shape;
    this.#plot.setData(stacked(this.#layers, this.#times));
    if (isNew && left >= 0) this.#plot.setCursor({left, top});  // the mouse is where it was
    this.#legend(data);
  }

  #redraw() {
    if (this.#last) this.show(this.#last);
  }

  #fit() {
    if (this.#plot) this.#plot.setSize({width: byId('chart').clientWidth, height: kHeight});
  }

  #make() {
    if (this.#plot) this.#plot.destroy();
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = {
      stroke: themed('--ink-2'), font,
      grid: {stroke: themed('--grid'), width: 1},
      ticks: {stroke: themed('--grid'), width: 1, size: 5},
    };
    const surface = themed('--surface');
    const series = this.#layers.map(({color}) => (
      {stroke: surface, width: 1.5, fill: color, points: {show: false}}));
    const bands = series.slice(1).map((_, i) => ({series: [i + 2, i + 1]}));
    this.#plot = new uPlot({
      width: byId('chart').clientWidth,
      height: kHeight,
      padding: [8, 30, 0, 0],
      legend: {show: false},
      cursor: {points: {show: false}, y: false, drag: {x: false, y: false}},
      scales: {x: {time: true}, y: {range: (_, least, most) => [0, Math.max(most * 1.06, 4096)]}},
      axes: [
        {...axis, grid: {show: false}, space: 80, values: (_, ticks) => ticks.map(hours)},
        {...axis, size: 74, incrs: kIncrements, values: (_, ticks) => ticks.map(roundBytes)},
      ],
      series: [{}, ...series],
      bands,
      hooks: {setCursor: [(plot) => this.#point(plot)]},
    }, [[], ...series.map(() => [])], byId('chart'));
    this.#plot.over.append(this.#tip);
  }

  // What lies under the mouse.
  #point(plot) {
    const at = plot.cursor.idx;
    this.#tip.hidden = at === null || at === undefined || plot.cursor.left < 0;
    if (this.#tip.hidden) return;
    const rows = [...this.#layers].reverse().map(({tag, values, color}) => make('tr', {},
        make('td', {}, swatch(color), tag ?? kOther),
        make('td', {class: 'number'}, bytes(values[at]))));
    const total = this.#layers.reduce((sum, {values}) => sum + values[at], 0);
    this.#tip.replaceChildren(make('table', {},
        make('caption', {}, clock(this.#times[at])), ...rows,
        make('tr', {class: 'total'}, make('td', {}, 'all'),
            make('td', {class: 'number'}, bytes(total)))));
    const width = plot.over.clientWidth;
    const isRight = plot.cursor.left > width / 2;
    this.#tip.style.left = isRight ? '' : `${plot.cursor.left + 14}px`;
    this.#tip.style.right = isRight ? `${width - plot.cursor.left + 14}px` : '';
  }

  #legend(data) {
    const rates = new Map(data.tags.map((tag) => [tag.tag, tag]));
    const leaks = new Set(data.verdicts.filter((one) => one.severity === 'leak')
        .map((one) => one.tag));
    const rows = [...data.chart.tags].reverse().map((tag) => this.#row(tag, leaks.has(tag), {
      now: data.chart.bytes[data.chart.tags.indexOf(tag)].at(-1),
      rate: rates.get(tag)?.bytes_per_minute,
    }));
    if (data.chart.other.some((value) => value > 0)) {
      rows.push(this.#row(null, false, {now: data.chart.other.at(-1)}));
    }
    byId('legend').tBodies[0].replaceChildren(...rows);
  }

  #row(tag, isLeak, {now, rate}) {
    const isHidden = this.#hidden.has(tag);
    const button = make('button', {type: 'button', 'aria-pressed': String(!isHidden),
      title: isHidden ? 'Show it in the chart' : 'Take it out of the chart'},
    swatch(this.#colors.of(tag)), make('span', {title: tag ?? kOther}, tag ?? kOther),
    isLeak ? make('b', {class: 'leak'}, 'leak') : null);
    button.addEventListener('click', () => {
      if (!this.#hidden.delete(tag)) this.#hidden.add(tag);
      this.#redraw();
    });
    return make('tr', {'data-tag': tag ?? kOther, 'data-bytes': now, 'data-rate': rate ?? 0,
      class: isHidden ? 'off' : null},
    make('td', {}, button), make('td', {class: 'number'}, bytes(now)),
    make('td', {class: rate > 0 ? 'number up' : 'number'},
        rate === undefined ? '' : change(rate)));
  }
}
