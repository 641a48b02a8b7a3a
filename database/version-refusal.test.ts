import { expect, test } from 'vitest';
import { refusalIn, versionRefusal } from './version-refusal.ts';

test.each([
  ['postgresql', '15.14', undefined],
  ['postgresql', '18.4', 18],
  ['mariadb', '10.11.19', 10],
  ['mariadb', '11.8.9', 11],
  ['mariadb', '12.1.2', undefined],
  ['mysql', '8.4.7', 8],
  ['mysql', '9.7.4', undefined],
] as const)('%s %s is started where %s is asked for', (engine, version, majorVersion) => {
  expect(versionRefusal({ engine, version, majorVersion })).toBeNull();
});

test.for([
  ['postgresql', '14.20', undefined, 'the server is PostgreSQL 14.20, and is to be 15.0 or newer'],
  ['mariadb', '10.6.21', 10, 'the server is MariaDB 10.6.21, and is to be 10.11 or newer'],
  ['mariadb', '12.1.2', 11, 'the server is MariaDB 12.1.2, and is to be 11'],
  ['mysql', '8.0.44', 8, 'the server is MySQL 8.0.44, and is to be 8.4 or newer'],
  ['mysql', '9.7.4', 8, 'the server is MySQL 9.7.4, and is to be 8'],
] as const)(
  '%s %s is not where %s is asked for, and that is read in a log',
  ([engine, version, majorVersion, says]) => {
    expect(versionRefusal({ engine, version, majorVersion })).toBe(says);
    expect(refusalIn(JSON.stringify({ code: 'ConfigurationInvalid', message: `/usr/sbin: ${says}` }))).toBe(says);
  },
);

test('nothing else is taken for a refusal', () => {
  expect(refusalIn('the server is gone, and is to be started')).toBeNull();
});
