import { expect, test } from 'vitest';
import { segmentOf } from './read-log.ts';

const MEBIBYTE = 1024 * 1024;

test.each([
  ['0/0', 16, '0000000000000000'],
  ['0/1000000', 16, '0000000000000001'],
  ['0/1FFFFFF', 16, '0000000000000001'],
  ['1A/FF000000', 16, '0000001A000000FF'],
  ['1A/FF000000', 64, '0000001A0000003F'],
] as const)('the segment of %s, where one has %i MiB', (position, size, expected) => {
  expect(segmentOf(position, size * MEBIBYTE)).toBe(expected);
});
