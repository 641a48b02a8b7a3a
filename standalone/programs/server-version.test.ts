import { expect, test } from 'vitest';
import { isOlder, type Series, seriesOf, seriesText } from './server-version.ts';

test.each<[string, string | null]>([
  ['10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu', '10.11'],
  ['9.7.4 for Linux on x86_64 (MySQL Community Server - GPL)', '9.7'],
  ['8.4', '8.4'],
  ['of no number', null],
  ['', null],
])('%j is of series %j', (version, series) => {
  const found = seriesOf(version);
  expect(found === null ? null : seriesText(found)).toBe(series);
});

test.each<[Series, Series, boolean]>([
  [[10, 6], [10, 11], true],
  [[10, 11], [10, 6], false],
  [[10, 11], [10, 11], false],
  [[8, 4], [9, 0], true],
  [[11, 4], [10, 11], false],
])('%j is older than %j: %j', (a, b, older) => {
  expect(isOlder(a, b)).toBe(older);
});
