// Which tag has which colour. A tag keeps its own for as long as it is shown, whatever its rank.

const kSlots = 8;  // --series-1 to --series-8 of page.css

export const kOther = 'other';

export class Colors {
  #slots = new Map();

  /// Called with the tags of each chart before their colours are asked for.
  show(tags) {
    const next = new Map();
    for (const tag of tags) {
      if (this.#slots.has(tag)) next.set(tag, this.#slots.get(tag));
    }
    const taken = new Set(next.values());
    for (const tag of tags) {
      if (next.has(tag)) continue;
      let slot = 1;
      while (taken.has(slot) && slot < kSlots) ++slot;
      taken.add(slot);
      next.set(tag, slot);
    }
    this.#slots = next;
  }

  of(tag) {
    const slot = this.#slots.get(tag);
    return themed(slot ? `--series-${slot}` : '--series-other');
  }
}

export function themed(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
