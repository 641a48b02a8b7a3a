import { expect, test } from 'vitest';
import { flavourOf } from './flavour.ts';

test.each([
  ['5.5.5-10.11.19-MariaDB-0+deb12u1', 'mariadb'],
  ['11.8.2-MariaDB', 'mariadb'],
  ['8.4.3', 'mysql'],
  ['9.7.4-debian', 'mysql'],
])('%s is of %s', (version, flavour) => {
  expect(flavourOf(version)).toBe(flavour);
});
