import { test } from 'vitest';
import type { ServerName } from '#database/programs/catalogue.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';

/** The servers of MariaDB and MySQL that tests run against: those that `IMAPCLUSTER_ENGINES` names, or else the usual ones. */
export const mysqlServersHere: readonly ServerName[] = enginesUnderTest.filter((name) => name !== 'postgresql');

/** Those among them that a file has tests for. */
export function mysqlServersHereOf(isWanted: (name: ServerName) => boolean): readonly ServerName[] {
  const wanted = mysqlServersHere.filter(isWanted);
  if (mysqlServersHere.length > 0) orSkip(wanted);
  return wanted;
}

orSkip(mysqlServersHere);

/** A file without a test would be a failure. */
function orSkip(servers: readonly ServerName[]): void {
  if (servers.length === 0)
    test.skip('no server of MariaDB or MySQL is under test here that this is about', () => undefined);
}
