type Range = { readonly first: number; readonly last: number };

/**
 * UIDs that are `\Recent` to one session, as ranges in ascending order: one where the session is alone in its mailbox, more
 * where others take their share of what arrives.
 */
export class RecentRanges {
  readonly #ranges: Range[] = [];

  get all(): readonly Range[] {
    return this.#ranges;
  }

  /** UIDs above all that are in here; nothing where `last` lies before `first`. */
  add(first: number, last: number): void {
    if (last < first) return;
    const before = this.#ranges.at(-1);
    if (before !== undefined && before.last + 1 === first) this.#ranges[this.#ranges.length - 1] = { ...before, last };
    else this.#ranges.push({ first, last });
  }

  has(uid: number): boolean {
    let [low, high] = [0, this.#ranges.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const { first, last } = this.#ranges[middle] as Range;
      if (uid < first) high = middle - 1;
      else if (uid > last) low = middle + 1;
      else return true;
    }
    return false;
  }
}
