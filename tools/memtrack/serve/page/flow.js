// From who makes memory, by tag, to who holds it: a bar for each, and ribbons as thick as the bytes.
import {kOther} from './colors.js';
import {byId, make, makeSvg, shown} from './elements.js';
import {bytes, counted} from './words.js';

const kBar = 12;
const kGap = 10;
const kHeight = 260;    // of all bytes, without the gaps
const kThinnest = 2;
const kColumns = ['creator', 'tag', 'holder'];
const kTitles = ['made by', 'tag', 'held by'];
const kTop = 26;

/// The bars of one column, largest first, with where they begin.
function column(links, key) {
  const sums = new Map();
  for (const link of links) sums.set(link[key], (sums.get(link[key]) ?? 0) + link.bytes);
  const total = links.reduce((sum, link) => sum + link.bytes, 0);
  let y = kTop;
  return new Map([...sums].sort((a, b) => b[1] - a[1]).map(([name, sum]) => {
    const height = Math.max(kThinnest, kHeight * sum / total);
    const bar = {name, bytes: sum, y, height, left: 0, right: 0};
    y += Math.max(height, 14) + kGap;
    return [name, bar];
  }));
}

// The parts of `links` between two columns, each pair once, in the order of their bars.
function ribbons(links, from, to, bars) {
  const pairs = new Map();
  for (const link of links) {
    const key = JSON.stringify([link[from], link[to]]);
    const pair = pairs.get(key) ??
        {from: link[from], to: link[to], tag: link.tag, bytes: 0, segments: 0};
    pair.bytes += link.bytes;
    pair.segments += link.segments;
    pairs.set(key, pair);
  }
  const order = (a, b) => bars[0].get(a.from).y - bars[0].get(b.from).y ||
      bars[1].get(a.to).y - bars[1].get(b.to).y;
  return [...pairs.values()].sort(order);
}

function ribbon({from, to, tag, bytes: amount, segments}, bars, x, color) {
  const [a, b] = [bars[0].get(from), bars[1].get(to)];
  const [thickA, thickB] = [a.height * amount / a.bytes, b.height * amount / b.bytes];
  const [yA, yB] = [a.y + a.right, b.y + b.left];
  a.right += thickA;
  b.left += thickB;
  const middle = (x[0] + x[1]) / 2;
  const path = `M${x[0]},${yA}C${middle},${yA} ${middle},${yB} ${x[1]},${yB}v${thickB}` +
      `C${middle},${yB + thickB} ${middle},${yA + thickA} ${x[0]},${yA + thickA}Z`;
  const title = `${from} → ${to}: ${bytes(amount)} in ${counted(segments, 'segment')}`;
  return makeSvg('path', {d: path, fill: color(tag), class: 'ribbon'},
      makeSvg('title', {}, title));
}

/// As much of a name as fits.
function cut(name, letters) {
  const text = shown(name);
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}

function bar({name, bytes: amount, y, height}, x, isLast, letters, color) {
  const labelX = isLast ? x - 8 : x + kBar + 8;
  return makeSvg('g', {},
      makeSvg('rect', {x, y, width: kBar, height, rx: 2, fill: color ?? 'currentColor',
        class: 'bar'}, makeSvg('title', {}, `${name}: ${bytes(amount)}`)),
      makeSvg('text', {x: labelX, y: y + Math.max(height, 14) / 2, class: 'name',
        'text-anchor': isLast ? 'end' : 'start'},
      cut(name, letters), makeSvg('tspan', {class: 'amount', dx: 6}, bytes(amount))));
}

export function showFlow(links, colors) {
  const seen = links.filter((link) => link.bytes > 0);
  if (seen.length === 0) {
    byId('flow').replaceChildren(make('p', {class: 'calm'}, 'There is no shared memory.'));
    return;
  }
  const width = Math.max(byId('flow').clientWidth, 720);
  const letters = Math.max(10, Math.floor(width / 34));
  const columns = kColumns.map((key) => column(seen, key));
  const x = [0, (width - kBar) / 2, width - kBar];
  const color = (tag) => colors.of(tag === kOther ? null : tag);
  const height = Math.max(...columns.map((bars) => {
    const last = [...bars.values()].at(-1);
    return last.y + Math.max(last.height, 14);
  })) + 6;
  const svg = makeSvg('svg', {viewBox: `0 0 ${width} ${height}`, width, height, role: 'img',
    'aria-label': 'Flow of bytes from who made them to who holds them'});
  kTitles.forEach((title, i) => svg.append(makeSvg('text', {x: i === 2 ? width : x[i], y: 12,
    class: 'column', 'text-anchor': i === 2 ? 'end' : 'start'}, title)));
  for (const i of [0, 1]) {
    const bars = [columns[i], columns[i + 1]];
    for (const pair of ribbons(seen, kColumns[i], kColumns[i + 1], bars)) {
      svg.append(ribbon(pair, bars, [x[i] + kBar, x[i + 1]], color));
    }
  }
  columns.forEach((bars, i) => {
    for (const one of bars.values()) {
      svg.append(bar(one, x[i], i === 2, letters, i === 1 ? color(one.name) : null));
    }
  });
  byId('flow').replaceChildren(svg);
}
