import { expect, test } from 'vitest';
import { seriesOf } from './series-of.ts';

test.each([
  ['users-a-1: the server ended and is started again: FATAL: x', 'MembersReady ServerDown users-a-1'],
  ['users-a-1: the server ended and is started again: LOG: y', 'MembersReady ServerDown users-a-1'],
  ['users-a-2: the server ended and is started again: LOG: y', 'MembersReady ServerDown users-a-2'],
  ['a0 (clone): Failed: exit code 1', 'MembersReady ServerDown a0 (clone)'],
  ['0 of 2 pods: none', 'MembersReady ServerDown'],
  ['nobody came', 'MembersReady ServerDown'],
  ['', 'MembersReady ServerDown'],
])('%s', (message, series) => {
  expect(seriesOf({ type: 'MembersReady', reason: 'ServerDown', message })).toBe(series);
});
