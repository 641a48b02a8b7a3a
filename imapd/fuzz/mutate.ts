import type { Random } from './random.ts';

const MOST_CHANGES = 6;
const LONGEST_RANDOM = 24;
/** Repetition finds recursion and what is not linear; longer inputs would only cost time. */
const MOST_REPETITIONS = 400;
const LONGEST = 16 * 1024;

type Change = (octets: Buffer, random: Random, words: readonly Buffer[]) => Buffer;

const CHANGES: readonly Change[] = [
  // An octet becomes another one.
  (octets, random) => replace(octets, { at: random.below(octets.length), remove: 1, by: random.octets(1) }),
  // A bit flips: `(` and `)`, digits, capitals are neighbours.
  (octets, random) => {
    const at = random.below(octets.length);
    return replace(octets, { at, remove: 1, by: Buffer.of((octets[at] ?? 0) ^ (1 << random.below(8))) });
  },
  (octets, random, words) =>
    replace(octets, { at: random.below(octets.length + 1), remove: 0, by: random.pick(words) }),
  (octets, random, words) => {
    const { at, length } = token(octets, random);
    return replace(octets, { at, remove: length, by: random.pick(words) });
  },
  (octets, random) => {
    const { at, length } = token(octets, random);
    return replace(octets, { at, remove: length, by: Buffer.alloc(0) });
  },
  (octets, random) => {
    const at = random.below(octets.length);
    return replace(octets, { at, remove: random.below(octets.length - at + 1), by: Buffer.alloc(0) });
  },
  repeated,
  (octets, random) => {
    const by = random.octets(random.below(LONGEST_RANDOM));
    return replace(octets, { at: random.below(octets.length + 1), remove: 0, by });
  },
  (octets, random) => octets.subarray(0, random.below(octets.length + 1)),
];

/** Valid octets made wrong in a few places, some of them where the grammar has its joints. `words` are of that grammar. */
export function mutate(valid: Buffer, random: Random, words: readonly Buffer[]): Buffer {
  let octets = valid;
  for (let left = 1 + random.below(MOST_CHANGES); left > 0 && octets.length > 0; left--) {
    octets = random.pick(CHANGES)(octets, random, words).subarray(0, LONGEST);
  }
  return octets;
}

function replace(
  octets: Buffer,
  { at, remove, by }: { readonly at: number; readonly remove: number; readonly by: Buffer },
): Buffer {
  return Buffer.concat([octets.subarray(0, at), by, octets.subarray(at + remove)]);
}

/** A piece between two spaces or line ends. */
function token(octets: Buffer, random: Random): { readonly at: number; readonly length: number } {
  const isBorder = (at: number): boolean => (octets[at] ?? 0) <= 0x20;
  let at = random.below(octets.length);
  while (at > 0 && !isBorder(at - 1)) at--;
  let end = at;
  while (end < octets.length && !isBorder(end)) end++;
  return { at, length: end - at };
}

function repeated(octets: Buffer, random: Random): Buffer {
  const at = random.below(octets.length);
  const piece = octets.subarray(at, at + 1 + random.below(8));
  const times = random.once(8) ? random.below(MOST_REPETITIONS) : 2;
  return replace(octets, { at, remove: 0, by: Buffer.concat(Array.from({ length: times }, () => piece)) });
}
