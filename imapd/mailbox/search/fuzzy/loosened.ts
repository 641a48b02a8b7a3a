import { fuzzyWords } from '../../../protocol/searching/fuzzy-words.ts';
import type { SearchKey } from '../../../protocol/searching/search-key.ts';

/** A key that looks for a string. */
export type StringKey = Extract<SearchKey, { readonly kind: 'header' | 'body' | 'text' }>;

/** Of shorter ones too many others have the beginning. */
const SHORTEST_CUT = 5;

/**
 * What FUZZY (RFC 6203, 3) matches for a key: of strings every word, in whatever order and place, by its beginning, so that `invoices due`
 * finds "Due: your invoice". What is negated, and what is no string, is matched as it stands.
 */
export function loosened(key: SearchKey): SearchKey {
  return made.getOrInsertComputed(key, () => loosen(key));
}

/** A search asks for each message what to look for. */
const made = new WeakMap<SearchKey, SearchKey>();

function loosen(key: SearchKey): SearchKey {
  switch (key.kind) {
    case 'and':
      return { kind: 'and', keys: key.keys.map(loosened) };
    case 'or':
      return { kind: 'or', left: loosened(key.left), right: loosened(key.right) };
    case 'fuzzy':
      return loosened(key.key);
    case 'header':
    case 'body':
    case 'text': {
      const words = wordsOf(key);
      return words.length === 0
        ? key
        : { kind: 'and', keys: words.map((word) => ({ ...word, value: cut(word.value) })) };
    }
    default:
      return key;
  }
}

/** The same key for each word of its string; none where it has no letter or digit. */
export const wordsOf = (key: StringKey): readonly StringKey[] =>
  fuzzyWords(key.value).map((value) => ({ ...key, value }));

/** Its first three quarters: most endings, of any language that has them, are shorter. */
function cut(word: string): string {
  const letters = [...word];
  return letters.length < SHORTEST_CUT ? word : letters.slice(0, Math.ceil(letters.length * 0.75)).join('');
}
