import { expect, test } from 'vitest';
import { stockImage } from './database-image.ts';

test.for([
  ['postgresql', 'postgres:18', 18, '/usr/lib/postgresql/18/bin'],
  ['postgresql', 'postgres@sha256:0a', 15, '/usr/lib/postgresql/15/bin'],
  ['mariadb', 'mariadb:11.8', 11, '/usr/sbin'],
  ['mysql', 'mysql:9.7', 9, '/usr/sbin'],
] as const)('%s: in %s the programs of version %i are in %s', ([engine, image, major, binDirectory]) => {
  const runAs = { uid: 999, gid: 999 };
  expect(stockImage(engine, image, major)).toEqual({ engine, image, majorVersion: major, binDirectory, runAs });
});
