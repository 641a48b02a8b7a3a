import { expect, test } from 'vitest';
import { chooseReader, type ReaderFacts, stillLagging } from './choose-reader.ts';

const reader = (name: string, more: Partial<ReaderFacts> = {}): ReaderFacts => ({
  name,
  serving: true,
  ageMs: 400,
  lagMs: 100,
  lagging: false,
  latencyMs: 1,
  ...more,
});
const wish = { learntAgoMs: Number.POSITIVE_INFINITY, random: () => 0 };

test.each([
  ['nobody', [], 'noReader'],
  ['nobody serves', [reader('b', { serving: false })], 'noReader'],
  ['all lag', [reader('b', { lagging: true }), reader('c', { serving: false })], 'lagging'],
])('%s: the primary', (_, readers, reason) => {
  expect(chooseReader(readers, wish)).toEqual({ kind: 'primary', reason });
});

test('what was learnt lately is asked of whoever was less behind when it reported last', () => {
  const readers = [reader('b', { lagMs: 700 }), reader('c', { lagMs: 200 }), reader('d', { lagMs: null })];
  expect(chooseReader(readers, { ...wish, learntAgoMs: 500 })).toEqual({ kind: 'reader', name: 'c' });
  expect(chooseReader(readers, { ...wish, learntAgoMs: 200 })).toEqual({ kind: 'primary', reason: 'recent' });
});

test('of two taken at random the quicker one; the slowest of all is never asked', () => {
  const readers = [reader('b', { latencyMs: 90 }), reader('c', { latencyMs: 10 }), reader('d', { latencyMs: 30 })];
  const picks = new Set<string>();
  for (let first = 0; first < 3; first += 1) {
    for (let second = 0; second < 2; second += 1) {
      const draws = [first / 3 + 0.01, second / 2 + 0.01];
      const choice = chooseReader(readers, { ...wish, random: () => draws.shift() ?? 0 });
      if (choice.kind === 'reader') picks.add(choice.name);
    }
  }
  expect([...picks].sort()).toEqual(['c', 'd']);
});

test('two that are about as quick share the load', () => {
  const readers = [reader('b', { latencyMs: 1 }), reader('c', { latencyMs: 4 })];
  const picks = [0, 0.6].map((draw) => chooseReader(readers, { ...wish, random: () => draw }));
  expect(picks).toEqual([
    { kind: 'reader', name: 'b' },
    { kind: 'reader', name: 'c' },
  ]);
});

test('a lone reader is its own second', () => {
  expect(chooseReader([reader('b')], wish)).toEqual({ kind: 'reader', name: 'b' });
});

test.each([
  [false, 4_999, false],
  [false, 5_001, true],
  [true, 4_999, true],
  [true, 2_400, false],
  [false, null, true],
])('lagging before: %s, age %s → %s', (before, age, after) => {
  expect(stillLagging(before, age, 5_000)).toBe(after);
});
