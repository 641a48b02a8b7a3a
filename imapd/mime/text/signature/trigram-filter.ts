import { OctetTrigrams } from './octet-trigrams.ts';

/** Largest and smallest filter, in octets; each size is half of the next. */
const LARGEST = 32 * 1024;
const SMALLEST = 8;
/** Share of bits above which a smaller filter tells too little: of three trigrams that are not there, one time in 64 all seem to be. */
const MOST_SET = 1 / 4;
/** Above this the largest one tells nothing that is worth its octets. */
const USELESS = 3 / 4;

/**
 * Of which trigrams a text has: one bit each, in a place that its number is scattered to (a Bloom filter of one hash). A bit that is not
 * set says for certain that the trigram is not there. Empty: nothing is known.
 */
export type TrigramFilter = Uint8Array;

/** The lowest bits of it, as many as a filter's size wants, are the place. */
function scattered(trigram: number): number {
  let bits = Math.imul(trigram, 0x9e_37_79_b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85_eb_ca_77);
  return (bits ^ (bits >>> 13)) >>> 0;
}

/** Room of the largest filter: texts are many, and what is made anew for each is garbage behind it. */
const spare: Int32Array[] = [];
const MOST_SPARE = 8;

/** What the room of a filter held as a list, while it becomes bits. */
const listed = new Int32Array(LARGEST / 4);

/**
 * Makes the filter of texts that arrive in pieces. Most are short: trigrams are listed as long as the room of the largest filter holds
 * them, and have their bits in one that is no larger than so many need. Only where there are more is the room that filter.
 */
export class FilterMaker {
  readonly #room = spare.pop() ?? new Int32Array(LARGEST / 4);
  readonly #trigrams = new OctetTrigrams((many, count) => this.#see(many, count));
  /** Trigrams in the list; null: the room has bits. */
  #listed: number | null = 0;
  #set = 0;

  /** `folded`: a piece of text that has passed through `foldText`. */
  write(folded: string): void {
    this.#trigrams.write(folded);
  }

  endText(): void {
    this.#trigrams.endText();
  }

  /** As small as it can be and still tell apart. Ends the making. */
  finish(): TrigramFilter {
    const filter = this.#smallest();
    if (spare.length < MOST_SPARE) spare.push(this.#room);
    return new Uint8Array(filter.buffer);
  }

  #see(many: Int32Array, count: number): void {
    if (this.#listed !== null && this.#listed + count <= this.#room.length) {
      this.#room.set(many.subarray(0, count), this.#listed);
      this.#listed += count;
      return;
    }
    if (this.#listed !== null) this.#endList(this.#listed);
    this.#set += scatter(many, count, this.#room);
  }

  #endList(count: number): void {
    listed.set(this.#room);
    this.#room.fill(0);
    this.#set = scatter(listed, count, this.#room);
    this.#listed = null;
  }

  #smallest(): Int32Array<ArrayBuffer> {
    if (this.#listed !== null) {
      const words = new Int32Array(sizeFor(this.#listed) / 4);
      return foldedWhilePossible(words, scatter(this.#room, this.#listed, words));
    }
    if (this.#set > USELESS * 8 * LARGEST) return new Int32Array(0);
    return foldedWhilePossible(this.#room, this.#set);
  }
}

/** Octets of the smallest filter in which so many bits may be set. */
function sizeFor(set: number): number {
  let size = LARGEST;
  while (size > SMALLEST && set <= MOST_SET * 8 * (size / 2)) size /= 2;
  return size;
}

/** `set`: bits in `words`. In a filter of which it is a fold no more are. */
function foldedWhilePossible(words: Int32Array, set: number): Int32Array<ArrayBuffer> {
  let smallest = folded(words, Math.min(words.length, sizeFor(set) / 4));
  while (4 * smallest.length > SMALLEST) {
    const smaller = folded(smallest, smallest.length / 2);
    if (countSet(smaller) > MOST_SET * 32 * smaller.length) break;
    smallest = smaller;
  }
  return smallest;
}

/** Sets the places of the first `count` trigrams; how many bits that were not set before. */
function scatter(many: Int32Array, count: number, words: Int32Array): number {
  const mask = 32 * words.length - 1;
  let set = 0;
  for (let at = 0; at < count; at++) {
    const place = scattered(many[at] as number) & mask;
    const word = words[place >>> 5] as number;
    const bit = 1 << (place & 31);
    if ((word & bit) !== 0) continue;
    words[place >>> 5] = word | bit;
    set += 1;
  }
  return set;
}

/** All parts of that length laid over each other, which takes the highest bits off every place. */
function folded(words: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const smaller = new Int32Array(length);
  for (let from = 0; from < words.length; from += length) {
    for (let at = 0; at < length; at++) smaller[at] = (smaller[at] as number) | (words[from + at] as number);
  }
  return smaller;
}

function countSet(words: Int32Array): number {
  let set = 0;
  for (let at = 0; at < words.length; at++) {
    let word = words[at] as number;
    word -= (word >>> 1) & 0x55_55_55_55;
    word = (word & 0x33_33_33_33) + ((word >>> 2) & 0x33_33_33_33);
    set += Math.imul((word + (word >>> 4)) & 0x0f_0f_0f_0f, 0x01_01_01_01) >>> 24;
  }
  return set;
}

/** What a filter is asked of one sought text; null where that is too short to have a trigram. */
export type SoughtTrigrams = readonly number[];

/** @param folded has passed through `foldText`, whole */
export function soughtTrigrams(folded: string): SoughtTrigrams | null {
  const places = new Set<number>();
  new OctetTrigrams((many, count) => {
    for (const trigram of many.subarray(0, count)) places.add(scattered(trigram));
  }).write(folded);
  return places.size === 0 ? null : [...places];
}

/** False: the text that the filter was made of does not contain what is sought. */
export function mayContain(filter: TrigramFilter, sought: SoughtTrigrams): boolean {
  if (filter.length === 0) return true;
  const mask = 8 * filter.length - 1;
  for (const each of sought) {
    const place = each & mask;
    if (((filter[place >>> 3] ?? 0) & (1 << (place & 7))) === 0) return false;
  }
  return true;
}
