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

/** Filters of the largest size with no bit set: texts are many, and what is made anew for each is garbage behind it. */
const spare: Uint32Array<ArrayBuffer>[] = [];
const MOST_SPARE = 8;

/** Makes the filter of texts that arrive in pieces. */
export class FilterMaker {
  readonly #words = spare.pop() ?? new Uint32Array(LARGEST / 4);
  readonly #trigrams: OctetTrigrams;
  #seen = 0;

  constructor() {
    const octets = new Uint8Array(this.#words.buffer);
    this.#trigrams = new OctetTrigrams((trigram) => {
      const place = scattered(trigram) & (8 * LARGEST - 1);
      octets[place >>> 3] = (octets[place >>> 3] ?? 0) | (1 << (place & 7));
      this.#seen += 1;
    });
  }

  /** `folded`: a piece of text that has passed through `foldText`. */
  write(folded: string): void {
    this.#trigrams.write(folded);
  }

  endText(): void {
    this.#trigrams.endText();
  }

  /** As small as it can be and still tell apart. Ends the making. */
  finish(): TrigramFilter {
    // As many as were seen are set at most, so that far it can be folded without counting.
    let size = LARGEST;
    while (size > SMALLEST && this.#seen <= MOST_SET * 8 * (size / 2)) size /= 2;
    let words = folded(this.#words, size / 4);
    this.#words.fill(0);
    if (spare.length < MOST_SPARE) spare.push(this.#words);
    if (shareSet(words) > USELESS) return new Uint8Array(0);
    while (4 * words.length > SMALLEST) {
      const smaller = folded(words, words.length / 2);
      if (shareSet(smaller) > MOST_SET) break;
      words = smaller;
    }
    return new Uint8Array(words.buffer);
  }
}

/** All parts of that length laid over each other, which takes the highest bits off every place. */
function folded(words: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const smaller = new Uint32Array(length);
  for (let at = 0; at < words.length; at++) {
    const to = at & (length - 1);
    smaller[to] = (smaller[to] ?? 0) | (words[at] ?? 0);
  }
  return smaller;
}

function shareSet(words: Uint32Array): number {
  let set = 0;
  for (let word of words) {
    word -= (word >>> 1) & 0x55_55_55_55;
    word = (word & 0x33_33_33_33) + ((word >>> 2) & 0x33_33_33_33);
    set += Math.imul((word + (word >>> 4)) & 0x0f_0f_0f_0f, 0x01_01_01_01) >>> 24;
  }
  return set / (32 * words.length);
}

/** What a filter is asked of one sought text; null where that is too short to have a trigram. */
export type SoughtTrigrams = readonly number[];

/** @param folded has passed through `foldText`, whole */
export function soughtTrigrams(folded: string): SoughtTrigrams | null {
  const places = new Set<number>();
  new OctetTrigrams((trigram) => places.add(scattered(trigram))).write(folded);
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
