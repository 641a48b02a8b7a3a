import { expect, test } from 'vitest';
import { type LookFacts, whenToLook } from './when-to-look.ts';

const limits = { silentAfterMs: 10_000, everyMs: 10_000 };
const calm: LookFacts = { hasDocument: true, doubtedMs: null, silentMs: 500, lookedMs: 3_600_000, fruitless: 0 };

test.each<[string, Partial<LookFacts>, boolean]>([
  ['all is well', {}, false],
  ['it has just begun: the mounted document may be old', { lookedMs: null }, true],
  ['there is no document', { hasDocument: false }, true],
  ['there is none, and it has just looked', { hasDocument: false, lookedMs: 900 }, false],
  ['there is none after many looks', { hasDocument: false, fruitless: 30, lookedMs: 9_900 }, false],
  [
    'there is none after many looks, and its time has come',
    { hasDocument: false, fruitless: 30, lookedMs: 10_000 },
    true,
  ],
  ['a writer has just failed: the push is on its way', { doubtedMs: 900 }, false],
  ['a writer stays away', { doubtedMs: 1_000 }, true],
  ['a writer stays away, and it has just looked twice', { doubtedMs: 5_000, lookedMs: 3_900, fruitless: 2 }, false],
  ['the operator is late', { silentMs: 9_900 }, false],
  ['the operator is silent', { silentMs: 10_000 }, true],
  ['the operator is silent, and it has looked', { silentMs: 20_000, lookedMs: 9_900 }, false],
  ['the operator is silent for long', { silentMs: 900_000, lookedMs: 59_000, fruitless: 9 }, false],
  [
    'the operator is silent for long, and its time has come',
    { silentMs: 900_000, lookedMs: 60_000, fruitless: 9 },
    true,
  ],
])('%s', (_, change, expected) => {
  expect(whenToLook({ ...calm, ...change }, limits)).toBe(expected);
});
