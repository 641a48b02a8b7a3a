import { expect, test } from 'vitest';
import { age } from './age.ts';

test('ages', () => {
  expect([0, 119_000, 120_000, 7_200_000, 200_000_000].map(age)).toEqual(['0s', '119s', '2m', '2h', '2d']);
});
