import { distance } from 'fastest-levenshtein';

/** A suggestion must be nearer than this share of the word, or it is no help. */
const NEAR = 0.5;

/** `; did you mean "Quorum"?`, or nothing where no choice is near. */
export function suggestion(value: unknown, choices: readonly string[]): string {
  if (typeof value !== 'string') return '';
  const near = choices
    .map((choice) => ({ choice, away: distance(value.toLowerCase(), choice.toLowerCase()) }))
    .filter(({ choice, away }) => away <= Math.max(1, choice.length * NEAR))
    .toSorted((a, b) => a.away - b.away);
  return near[0] === undefined ? '' : `; did you mean ${JSON.stringify(near[0].choice)}?`;
}
