import { expect, test } from 'vitest';
import type { MessageRows } from '../types.ts';
import { joined, seenBy, seenOf, uidsOf } from './marks.ts';
import { wantedSeen, withoutSeen } from './store-flags-by.ts';

function rows(...each: readonly (readonly [uid: number, flags: number, modSeq: number])[]): MessageRows {
  const of = (at: 0 | 1 | 2): number[] => each.map((row) => row[at]);
  return {
    ...{ count: each.length, uids: Uint32Array.from(of(0)), flags: Uint32Array.from(of(1)) },
    ...{ keywordsLow: Uint32Array.from(of(0)), keywordsHigh: new Uint32Array(each.length) },
    modSeqs: Float64Array.from(of(2)),
  };
}
const told = ({ count, uids, flags, keywordsLow, modSeqs }: MessageRows): number[][] =>
  Array.from({ length: count }, (_, i) => [uids[i], flags[i], keywordsLow[i], modSeqs[i]] as number[]);

test('a reader sees \\Seen as his marks say, all other flags as they are, and the greater mod-sequence', () => {
  const everybodys = rows([2, 1, 5], [3, 9, 6], [7, 4, 20], [8, 0, 30]);
  const marks = rows([1, 1, 40], [3, 1, 9], [7, 1, 10], [8, 0, 31], [9, 1, 50]);
  expect(told(seenBy(everybodys, marks))).toEqual([
    [2, 0, 2, 5],
    [3, 9, 3, 9],
    [7, 5, 7, 20],
    [8, 0, 8, 31],
  ]);
  // Of what was read later than the state.
  expect(told(seenBy(everybodys, marks, 20)).map((row) => row[3])).toEqual([5, 9, 20, 20]);
  expect(told(everybodys).map((row) => row[1])).toEqual([1, 9, 4, 0]);
  expect(told(seenBy(rows(), marks))).toEqual([]);
});

test('rows of two answers become one, in order of UID; of a message in both the second', () => {
  const both = joined(rows([2, 1, 5], [7, 4, 20]), rows([1, 0, 3], [7, 5, 21], [9, 0, 1]));
  expect(told(both)).toEqual([
    [1, 0, 1, 3],
    [2, 1, 2, 5],
    [7, 5, 7, 21],
    [9, 0, 9, 1],
  ]);
  expect([uidsOf(both), seenOf(both)]).toEqual([
    [1, 2, 7, 9],
    [2, 7],
  ]);
});

const none = { keywords: [] };
test.each([
  [{ mode: 'add', system: 3, ...none }, true, { mode: 'add', system: 2, ...none }],
  [{ mode: 'add', system: 2, ...none }, null, { mode: 'add', system: 2, ...none }],
  [{ mode: 'remove', system: 1, ...none }, false, { mode: 'remove', system: 0, ...none }],
  [
    { mode: 'replace', system: 1, ...none },
    true,
    { mode: 'replace', system: 0, ...none, within: { system: 0x7ffe, keywords: true } },
  ],
  [
    { mode: 'replace', system: 4, ...none },
    false,
    { mode: 'replace', system: 4, ...none, within: { system: 0x7ffe, keywords: true } },
  ],
  // Without the right `s`.
  [
    { mode: 'replace', system: 4, ...none, within: { system: 4, keywords: false } },
    null,
    { mode: 'replace', system: 4, ...none, within: { system: 4, keywords: false } },
  ],
] as const)('%j: \\Seen becomes %j, and everybody gets %j', (change, seen, rest) => {
  expect([wantedSeen(change), withoutSeen(change)]).toEqual([seen, rest]);
});
