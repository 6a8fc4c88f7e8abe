// Asks for the data again and again, and has it shown.
import {Chart} from './chart.js';
import {Colors} from './colors.js';
import {byId, make} from './elements.js';
import {showFlow} from './flow.js';
import {Segments} from './segments.js';
import {showVerdicts} from './verdicts.js';
import {bytes, change, clock, count, counted, lasting} from './words.js';

const kRetry = 2000;  // milliseconds, after a failure

const colors = new Colors();
const chart = new Chart(colors);
const segments = new Segments(colors);
let last = null;
let isPaused = false;

function tile(name, value, note, state = null) {
  return make('div', {class: state}, make('dt', {}, name), make('dd', {}, value),
      make('dd', {class: 'note'}, note));
}

function showTiles(data) {
  const leaks = data.verdicts.filter((one) => one.severity === 'leak').length;
  const {times_ms: times, bytes: rows, other} = data.chart;
  const first = rows.reduce((sum, row) => sum + row[0], other[0]);
  byId('tiles').replaceChildren(
      tile('shared memory', bytes(data.bytes),
          `${change(data.bytes - first)} in ${lasting(times.at(-1) - times[0])}`),
      tile('segments', count(data.segments_total), `of ${counted(data.tags_total, 'tag')}`),
      tile('processes', count(data.processes_holding), 'hold some of it'),
      tile('in flight', count(data.in_flight), 'descriptors in sockets'),
      tile('unexplained', bytes(Math.max(0, data.machine.ghosts)),
          `of ${bytes(data.machine.shmem)} of the machine`),
      tile('leaks', count(leaks), counted(data.verdicts_total - leaks, 'risk'),
          leaks > 0 ? 'alarm' : null));
}

function setStatus(state, text) {
  byId('status').dataset.state = state;
  byId('status').lastElementChild.textContent = text;
}

function showNotice(data) {
  const {denied, read, unsized_segments: unsized, is_partial: isPartial} = data.coverage;
  const words = [];
  if (data.watch.failure) words.push(`The machine could not be looked at: ${data.watch.failure}.`);
  if (isPartial && denied > 0) {
    words.push(`${denied} of ${denied + read} processes let memtrack see nothing: run it as root.`);
  }
  if (isPartial && unsized > 0) {
    words.push(`The memory of ${unsized} segments is an estimate (~).`);
  }
  byId('notice').hidden = words.length === 0;
  byId('notice').replaceChildren(make('span', {}, words.join(' ')));
}

function show(data) {
  last = data;
  colors.show(data.chart.tags);
  showNotice(data);
  showTiles(data);
  showVerdicts(data, colors);
  chart.show(data);
  showFlow(data.flow, colors);
  segments.show(data);
  setStatus(data.watch.failure ? 'broken' : 'live',
      `pass ${count(data.watch.passes)} at ${clock(data.time_ns / 1e6)}, ` +
      `took ${lasting(data.scan_ns / 1e6)}`);
}

async function ask() {
  const response = await fetch('data.json');
  if (!response.ok) throw new Error(`memtrack says ${response.status}`);
  return response.json();
}

async function update() {
  let wait = kRetry;
  try {
    const data = await ask();
    wait = Math.max(100, data.watch.interval_ms);
    if (!isPaused) show(data);
  } catch (error) {
    const since = last ? `; this is of ${clock(last.time_ns / 1e6)}` : '';
    setStatus('broken', `no answer from memtrack${since}`);
    console.info('memtrack:', error.message);
  }
  setTimeout(update, wait);
}

byId('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  byId('pause').textContent = isPaused ? 'Go on' : 'Pause';
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  if (isPaused && last) setStatus('paused', `paused at ${clock(last.time_ns / 1e6)}`);
});
addEventListener('resize', () => last && showFlow(last.flow, colors));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => last && show(last));
update();
