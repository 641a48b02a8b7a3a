import { expect, test } from 'vitest';
import { progressOf, type Stage } from './clone-progress.ts';

const stages = (...rows: readonly (readonly [string, string, number, number])[]): readonly Stage[] =>
  rows.map(([stage, state, estimate, data]) => ({ stage, state, estimate, data, network: data }));

const untouched = [
  ['PAGE COPY', 'Not Started', 0, 0],
  ['REDO COPY', 'Not Started', 0, 0],
  ['FILE SYNC', 'Not Started', 0, 0],
] as const;

test('how much has come of what the donor estimates', () => {
  expect(progressOf([])).toMatchObject({ fraction: null, isLocal: false });
  const begun = progressOf(stages(['FILE COPY', 'In Progress', 200, 50], ...untouched));
  expect(begun).toMatchObject({ fraction: 0.25, isLocal: false });
  const more = progressOf(stages(['FILE COPY', 'In Progress', 200, 51], ...untouched));
  expect(more.sign).not.toBe(begun.sign);
  // The donor has written more than it thought it would.
  expect(progressOf(stages(['FILE COPY', 'Completed', 200, 300], ...untouched)).fraction).toBe(1);
});

test('once all has come only the own disk is waited for', () => {
  const copied = [
    ['FILE COPY', 'Completed', 200, 200],
    ['PAGE COPY', 'Completed', 10, 10],
    ['REDO COPY', 'Completed', 1, 1],
  ] as const;
  expect(progressOf(stages(...copied, ['FILE SYNC', 'In Progress', 0, 0]))).toMatchObject({ isLocal: true });
  const [first, second] = copied;
  expect(progressOf(stages(first, second, ['REDO COPY', 'In Progress', 1, 0])).isLocal).toBe(false);
});
