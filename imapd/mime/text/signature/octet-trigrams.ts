/** Octets that stand together in a filter (trigram-filter.ts). */
export const TRIGRAM = 3;

/** UTF-16 units that are looked at in one go. */
const BLOCK_UNITS = 8 * 1024;
const MOST_OCTETS_OF_UNIT = 3;

/**
 * Where texts are taken apart: whole searches pass through here, and nothing of it is kept. To ask a string for each of its units takes
 * several times as long as to have them all written out; and so does a call for each trigram.
 */
const units = new Uint16Array(BLOCK_UNITS);
const unitOctets = Buffer.from(units.buffer);
const trigrams = new Int32Array(MOST_OCTETS_OF_UNIT * BLOCK_UNITS);

/**
 * Hears of trigrams, 24 bits each, as often as they are met: the first `count` of `many`, which is written over once this returns.
 */
export type SeeTrigrams = (many: Int32Array, count: number) => void;

/**
 * Sees every three neighbouring octets of text that arrives in pieces. Each UTF-16 unit is written by itself, a surrogate too, in one to
 * three octets as UTF-8 has them: so a text that is part of another, unit for unit, has only trigrams that the other has.
 */
export class OctetTrigrams {
  readonly #see: SeeTrigrams;
  #last = 0;
  /** Octets of this text that are still to come before there is a trigram. */
  #missing = TRIGRAM - 1;

  constructor(see: SeeTrigrams) {
    this.#see = see;
  }

  write(text: string): void {
    if (text.length <= BLOCK_UNITS) this.#block(text);
    else for (let at = 0; at < text.length; at += BLOCK_UNITS) this.#block(text.slice(at, at + BLOCK_UNITS));
  }

  /** The text ends: what follows is no neighbour of it. */
  endText(): void {
    this.#missing = TRIGRAM - 1;
  }

  #block(text: string): void {
    unitOctets.write(text, 'utf16le');
    const count = this.#takeApart(text.length);
    const early = Math.min(this.#missing, count);
    this.#missing -= early;
    // Of the first octets of a text there are no three.
    if (early > 0) trigrams.copyWithin(0, early, count);
    if (count > early) this.#see(trigrams, count - early);
  }

  /** The last three octets after each octet of so many units. */
  #takeApart(length: number): number {
    let last = this.#last;
    let count = 0;
    for (let at = 0; at < length; at++) {
      const unit = units[at] as number;
      if (unit < 0x80) last = (last << 8) | unit;
      else {
        if (unit < 0x800) last = (last << 8) | 0xc0 | (unit >> 6);
        else {
          last = (last << 8) | 0xe0 | (unit >> 12);
          trigrams[count++] = last & 0xff_ff_ff;
          last = (last << 8) | 0x80 | ((unit >> 6) & 0x3f);
        }
        trigrams[count++] = last & 0xff_ff_ff;
        last = (last << 8) | 0x80 | (unit & 0x3f);
      }
      trigrams[count++] = last & 0xff_ff_ff;
    }
    this.#last = last;
    return count;
  }
}
