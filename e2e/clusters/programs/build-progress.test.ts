import { expect, test } from 'vitest';
import { clock, describeProgress } from './build-progress.ts';

const progress = { program: 'kubelet', position: 6, total: 12, elapsedSeconds: 41.7, expectedSeconds: 90 };

test('says what, how far and how long', () => {
  expect(describeProgress(progress)).toBe('building kubelet (6 of 12): 0:41 of about 1:30');
});

test('a slow machine is not made out to be a broken one', () => {
  expect(describeProgress({ ...progress, elapsedSeconds: 125 })).toBe(
    'building kubelet (6 of 12): 2:05 of about 1:30, slower than usual',
  );
});

test.each([
  [0, '0:00'],
  [59.9, '0:59'],
  [60, '1:00'],
  [754, '12:34'],
])('%d s', (seconds, text) => expect(clock(seconds)).toBe(text));
