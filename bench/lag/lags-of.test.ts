import { expect, test } from 'vitest';
import { lagsOf } from './lags-of.ts';

const marks = [
  { begunAt: 1_000, acknowledgedAt: 1_003 },
  { begunAt: 1_010, acknowledgedAt: 1_014 },
  { begunAt: 1_020, acknowledgedAt: 1_021 },
];

test('a mark counts from its own times until the first look that saw it, or a later one', () => {
  const looks = [
    { at: 1_002, newest: 0 },
    { at: 1_004, newest: 1 },
    { at: 1_006, newest: 1 },
    // The replica has caught up with two at once: the first of them has waited longer.
    { at: 1_030, newest: 3 },
    { at: 1_040, newest: 3 },
  ];
  expect(lagsOf(marks, looks)).toEqual([
    { behindMs: 1, sinceBegunMs: 4 },
    { behindMs: 16, sinceBegunMs: 20 },
    { behindMs: 9, sinceBegunMs: 10 },
  ]);
});

test('a replica that shows a mark before the primary has answered is not behind', () => {
  expect(lagsOf(marks.slice(0, 1), [{ at: 1_002, newest: 1 }])).toEqual([{ behindMs: 0, sinceBegunMs: 2 }]);
});

test('a mark that nobody saw is not left out', () => {
  expect(() => lagsOf(marks, [{ at: 1_030, newest: 2 }])).toThrow('mark 3 of 3 was never seen');
});
