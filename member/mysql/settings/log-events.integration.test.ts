import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LogPlace, loggedEvents } from '#database/mysql/test-support/log-events.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { packagedServers, type ServerKind } from '#database/programs/catalogue.ts';
import { administer } from '../../test-support/administer.ts';
import { openAs } from '../../test-support/connect-as.ts';
import { type RunningRepository, startRepository } from '../../test-support/start-repository.ts';

/**
 * Promise: the log has of a transaction no more than replicas need of it. Those of MySQL sync with each event before they acknowledge, so
 * there it is two, whatever it changes; of MariaDB no statement is in it, with all octets of a message once more.
 */
const OF_BOTH: Readonly<Record<ServerKind, readonly string[]>> = {
  mariadb: ['Gtid', 'Table_map', 'Write_rows', 'Table_map', 'Write_rows', 'Xid'],
  mysql: ['Gtid', 'Transaction_payload'],
};

describe.skipIf(mysqlServersHere.length === 0).each(mysqlServersHere)('%s', (engine) => {
  const { kind } = packagedServers[engine];
  let running: RunningRepository;

  beforeAll(async () => {
    running = await startRepository({ members: 1, durability: 'Async', engine });
  }, 120_000);
  afterAll(() => running?.stop());

  const place = () =>
    administer(
      running.primary,
      running,
      kind === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS',
    ) as Promise<unknown> as Promise<LogPlace>;

  test('a transaction that writes to two tables', async () => {
    const session = await openAs('mail', running.primary, running);
    for (const table of ['a', 'b']) await session.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, data BLOB)`);
    const from = await place();
    await session.query('START TRANSACTION');
    for (const table of ['a', 'b']) await session.query(`INSERT INTO ${table} VALUES (1, REPEAT('x', 10000))`);
    await session.query('COMMIT');
    await session.end();
    expect(await loggedEvents(running.primary.dataDirectory, from, await place())).toEqual(OF_BOTH[kind]);
  });
});
