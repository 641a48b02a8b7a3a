import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, expect, test } from 'vitest';
import { packagedServers } from '#database/programs/catalogue.ts';
import { type MysqlServer, startMysql } from '../test-support/mysql-server.ts';
import { mysqlServersHere } from '../test-support/servers-here.ts';

/** Promise: every version that is tested comes from packages, runs as somebody who is not root, and lets in nobody without a name. */
const servers: MysqlServer[] = [];
afterAll(async () => await Promise.all(servers.map((server) => server.stop())));

test.each(mysqlServersHere)('%s starts, and lets in root alone', async (name) => {
  const server = await startMysql(name);
  servers.push(server);
  const c = await server.connect();
  const [[row]] = await c.query<RowDataPacket[]>('SELECT version() AS version, @@datadir AS data');
  expect(row?.version).toContain(`${packagedServers[name].version}.`);
  expect(row?.data).toContain(server.folder);
  const [accounts] = await c.query<RowDataPacket[]>(
    "SELECT user AS user FROM mysql.user WHERE user NOT LIKE '%.sys' AND user NOT LIKE 'mysql.%'",
  );
  expect(new Set(accounts.map(({ user }) => user))).toEqual(new Set(['root']));
  const [databases] = await c.query<RowDataPacket[]>("SHOW DATABASES LIKE 'test'");
  expect(databases).toEqual([]);
  await c.end();
});
