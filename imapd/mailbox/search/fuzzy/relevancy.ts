import type { SearchKey } from '../../../protocol/search-key.ts';
import { compileSearch, type MessageFacts, type SearchPredicate, type SearchScope } from '../search-predicate.ts';
import { type StringKey, wordsOf } from './loosened.ts';

/** A message that has the string as it was given. */
const AS_GIVEN = 100;
/** One that has every word by its beginning alone; whole words add up to 60. */
const BY_BEGINNINGS = 20;
const ALL_WORDS_WHOLE = 60;

/**
 * How relevant a message is that a search with FUZZY keys has found (RFC 6203, 4), 1 to 100: of each string in them, whether it is there as it was
 * given, else how many of its words are there whole; of several the mean. What was not looked at, because the message was found
 * without, is not there.
 */
export function compileRelevancy(key: SearchKey, scope: SearchScope): (message: MessageFacts) => number {
  const strings = fuzzyStrings(key).map((each) => compileString(each, scope));
  return (message) => {
    if (strings.length === 0) return AS_GIVEN;
    const sum = strings.reduce((total, scoreOf) => total + scoreOf(message), 0);
    return Math.max(1, Math.round(sum / strings.length));
  };
}

/** Keys whose answers the score is made of, beyond those that decide what is found. */
export const scoringKeys = (key: SearchKey): readonly SearchKey[] =>
  fuzzyStrings(key).flatMap((each) => [each, ...wordsOf(each)]);

function compileString(key: StringKey, scope: SearchScope): (message: MessageFacts) => number {
  const asGiven = compileSearch(key, scope);
  const words = wordsOf(key).map((word) => compileSearch(word, scope));
  const holds = (message: MessageFacts) => (test: SearchPredicate) => test(message) === true;
  return (message) => {
    if (asGiven(message) === true) return AS_GIVEN;
    const whole = words.filter(holds(message)).length;
    return BY_BEGINNINGS + (ALL_WORDS_WHOLE * whole) / Math.max(1, words.length);
  };
}

/** In FUZZY keys, but for what is negated there. */
function fuzzyStrings(key: SearchKey, isFuzzy = false): readonly StringKey[] {
  switch (key.kind) {
    case 'and':
      return key.keys.flatMap((each) => fuzzyStrings(each, isFuzzy));
    case 'or':
      return [...fuzzyStrings(key.left, isFuzzy), ...fuzzyStrings(key.right, isFuzzy)];
    case 'fuzzy':
      return fuzzyStrings(key.key, true);
    case 'header':
    case 'body':
    case 'text':
      return isFuzzy ? [key] : [];
    default:
      return [];
  }
}
