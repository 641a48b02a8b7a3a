import type { SearchKey } from '../../../protocol/searching/search-key.ts';
import { compileSearch, type MessageFacts, type SearchPredicate, type SearchScope } from '../search-predicate.ts';
import { loosened, type StringKey, wordsOf } from './loosened.ts';

/** A message that has the string as it was given. */
const AS_GIVEN = 100;
/** One that has every word by its beginning alone; whole words add up to 60. */
const BY_BEGINNINGS = 20;
const ALL_WORDS_WHOLE = 60;
/** One that has been found by something else. */
const NOT_THERE = 1;

type Score = (message: MessageFacts) => number;

/**
 * How relevant a message is that a search with FUZZY keys has found (RFC 6203, 4), 1 to 100: of each string in them, whether it is there as it was
 * given, else how many of its words are there whole. Of OR the better side counts, otherwise the mean. What was not looked at,
 * because the message was found without, is not there.
 */
export function compileRelevancy(key: SearchKey, scope: SearchScope): Score {
  const score = compileScore(key, { scope, isFuzzy: false });
  return score === null ? () => AS_GIVEN : (message) => Math.round(score(message));
}

/** Keys whose answers the score is made of, beyond those that decide what is found. */
export const scoringKeys = (key: SearchKey): readonly SearchKey[] =>
  fuzzyStrings(key).flatMap((each) => [each, ...wordsOf(each)]);

type Scoring = { readonly scope: SearchScope; readonly isFuzzy: boolean };

function compileScore(key: SearchKey, scoring: Scoring): Score | null {
  switch (key.kind) {
    case 'and':
      return mean(key.keys.flatMap((each) => compileScore(each, scoring) ?? []));
    case 'or':
      return best([key.left, key.right].flatMap((each) => compileScore(each, scoring) ?? []));
    case 'fuzzy':
      return compileScore(key.key, { ...scoring, isFuzzy: true });
    case 'header':
    case 'body':
    case 'text':
      return scoring.isFuzzy ? compileString(key, scoring.scope) : null;
    default:
      return null;
  }
}

const mean = (scores: readonly Score[]): Score | null =>
  scores.length === 0 ? null : (message) => scores.reduce((total, score) => total + score(message), 0) / scores.length;

const best = (scores: readonly Score[]): Score | null =>
  scores.length === 0
    ? null
    : (message) => scores.reduce((highest, score) => Math.max(highest, score(message)), NOT_THERE);

function compileString(key: StringKey, scope: SearchScope): Score {
  const [asGiven, loose] = [compileSearch(key, scope), compileSearch(loosened(key), scope)];
  const words = wordsOf(key).map((word) => compileSearch(word, scope));
  const holds = (message: MessageFacts) => (test: SearchPredicate) => test(message) === true;
  return (message) => {
    if (asGiven(message) === true) return AS_GIVEN;
    if (loose(message) !== true) return NOT_THERE;
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
