// The table of segments, largest first, sorted and filtered as asked.
import {byId, make, swatch} from './elements.js';
import {bytes, count, counted, lasting} from './words.js';

const holderText = (holder) => `${holder.command} ${holder.pid}`;

const kColumns = [
  {title: 'inode', value: (row) => row.inode, isNumber: true, cell: (row) => String(row.inode)},
  {title: 'kind', value: (row) => row.kind, cell: (row) => row.kind},
  {title: 'tag', value: (row) => row.tag,
    cell: (row, colors) => [swatch(colors.of(row.tag)), row.tag,
      row.name && row.name !== row.tag ? make('small', {class: 'name'}, row.name) : null]},
  {title: 'size', value: (row) => row.size ?? -1, isNumber: true, cell: (row) => bytes(row.size)},
  {title: 'in memory', value: (row) => row.bytes, isNumber: true,
    cell: (row) => (row.is_estimated ? '~' : '') + bytes(row.bytes)},
  {title: 'age', value: (row) => row.age_ns, isNumber: true,
    cell: (row) => lasting(row.age_ns / 1e6)},
  {title: 'made by', value: (row) => row.creator, cell: (row) => row.creator},
  {title: 'held by', value: (row) => row.holders.map(holderText).join(' '), cell: holders},
];

function hold(holder) {
  const parts = [];
  if (holder.descriptors > 0) parts.push(`fd ×${holder.descriptors}`);
  if (holder.mappings > 0) parts.push(`map ×${holder.mappings}`);
  if (holder.is_revoked) parts.push('revoked');
  return make('span', {class: holder.is_revoked ? 'holder revoked' : 'holder'},
      holder.command || '?', ' ', make('b', {}, String(holder.pid)), ' ',
      make('small', {}, parts.join(' ')));
}

function holders(row) {
  const all = row.holders.map(hold);
  const more = row.holders_total - row.holders.length;
  if (more > 0) all.push(make('span', {class: 'holder'}, `and ${more} more`));
  for (const receiver of row.in_flight_to) {
    all.push(make('span', {class: 'holder flying'}, `on its way to ${receiver.pid}`));
  }
  return all.length > 0 ? all : make('span', {class: 'holder flying'}, 'nobody');
}

export class Segments {
  #data = null;
  #column = kColumns[4];
  #isReversed = false;
  #filter = '';
  #colors;

  constructor(colors) {
    this.#colors = colors;
    byId('filter').addEventListener('input', (event) => {
      this.#filter = event.target.value.toLowerCase();
      this.#draw();
    });
  }

  show(data) {
    this.#data = data;
    const isBeingCopied = !getSelection().isCollapsed &&
        byId('segments').contains(getSelection().anchorNode);
    if (!isBeingCopied) this.#draw();
  }

  #draw() {
    if (!this.#data) return;
    const rows = this.#data.segments.filter((row) => this.#isWanted(row));
    rows.sort((a, b) => this.#compare(a, b));
    this.#head();
    byId('segments').tBodies[0].replaceChildren(...rows.map((row) => make('tr',
        {'data-tag': row.tag, title: row.name},
        ...kColumns.map(({isNumber, cell}) => make('td', {class: isNumber ? 'number' : null},
            cell(row, this.#colors))))));
    const all = this.#data.segments_total;
    byId('segments-count').textContent = rows.length === all ?
      counted(all, 'segment') : `${count(rows.length)} of ${count(all)}, largest first`;
  }

  #isWanted(row) {
    if (this.#filter === '') return true;
    const words = [row.inode, row.kind, row.tag, row.name, row.creator,
      ...row.holders.map(holderText)];
    return words.join(' ').toLowerCase().includes(this.#filter);
  }

  // Numbers largest first, words by alphabet.
  #compare(a, b) {
    const {value, isNumber} = this.#column;
    const [x, y] = [value(a), value(b)];
    const order = isNumber ? y - x : String(x).localeCompare(String(y));
    return this.#isReversed ? -order : order;
  }

  #head() {
    const cells = kColumns.map((column) => {
      const isSorted = column === this.#column;
      const isDown = Boolean(column.isNumber) !== this.#isReversed;
      const button = make('button', {type: 'button'}, column.title,
          isSorted ? make('i', {}, isDown ? '▼' : '▲') : null);
      button.addEventListener('click', () => {
        this.#isReversed = isSorted && !this.#isReversed;
        this.#column = column;
        this.#draw();
      });
      return make('th', {class: column.isNumber ? 'number' : null,
        'aria-sort': isSorted ? (isDown ? 'descending' : 'ascending') : null}, button);
    });
    const focused = [...byId('segments').tHead.querySelectorAll('button')]
        .indexOf(document.activeElement);
    byId('segments').tHead.replaceChildren(make('tr', {}, ...cells));
    if (focused >= 0) cells[focused].firstChild.focus();
  }
}
