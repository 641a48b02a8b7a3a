/** Words of one string that FUZZY looks for; the rest of a longer one is not asked for. */
const MOST_WORDS = 16;
/** Marks belong to the letter before them. */
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu;

/** The words that a FUZZY search (RFC 6203) takes a string for, each once; none where it has no letter or digit. */
export function fuzzyWords(text: string): readonly string[] {
  const words = new Set<string>();
  for (const [word] of text.matchAll(WORD)) {
    words.add(word);
    if (words.size === MOST_WORDS) break;
  }
  return [...words];
}
