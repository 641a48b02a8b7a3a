import { test } from 'vitest';
import { type ServerName, serverNames } from '#database/programs/catalogue.ts';
import { isHere } from '#database/test-support/is-here.ts';

const found = await Promise.all(serverNames.map(async (name) => ({ name, here: await isHere(name) })));

/** The servers of MariaDB and MySQL that tests can have on this machine: all of them where there are packages. */
export const mysqlServersHere: readonly ServerName[] = found.filter(({ here }) => here).map(({ name }) => name);

// A file without a test would be a failure.
if (mysqlServersHere.length === 0) test.skip('no server of MariaDB or MySQL can be had here', () => undefined);
