import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packagedServers, serverNames } from '#database/programs/catalogue.ts';
import { whyMissing } from '#database/programs/ensure-server.ts';
import { type MysqlServer, startMysql } from '../test-support/mysql-server.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { type OpenConnection, openConnection } from './open-connection.ts';

const here = await Promise.all(serverNames.map(async (name) => ({ name, why: await whyMissing(name) })));

/** Promise: what goes through a connection comes out as it was, and what became of a batch is known as far as it can be. */
describe.each(here.filter(({ why }) => why === null))('$name', ({ name }) => {
  let server: MysqlServer;
  const opened: MysqlConnection[] = [];
  const open = async (options: Partial<OpenConnection> = {}): Promise<MysqlConnection> => {
    const endpoint = { socketPath: server.socketPath };
    const c = await openConnection({
      endpoint,
      user: 'root',
      password: '',
      role: 'admin',
      timeoutMs: 20_000,
      ...options,
    });
    opened.push(c);
    return c;
  };

  beforeAll(async () => {
    // What a careless administrator may have set: none of it may reach us.
    server = await startMysql(name, [
      '--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT',
      '--completion-type=CHAIN',
    ]);
    const c = await open();
    await c.batch([{ name: 'make', text: 'CREATE DATABASE t' }]);
  });
  afterAll(async () => {
    for (const c of opened) c.abandon();
    await server?.stop();
  });

  test('a batch gives the rows of each of its statements', async () => {
    const c = await open({ database: 't' });
    expect(c.flavour).toBe(packagedServers[name].kind);
    expect(c.id).toBeGreaterThan(0);
    const answers = await c.batch([
      {
        name: 'make',
        text: 'CREATE TABLE a (id BINARY(16) PRIMARY KEY, n BIGINT, name VARBINARY(100), data BLOB, at DATETIME(6))',
      },
      {
        name: 'fill',
        text: 'INSERT INTO a VALUES (x\'000102030405060708090a0b0c0d0e0f\', ?, ?, ?, ?), (?, 2, "b", NULL, NULL)'.replaceAll(
          '"',
          "'",
        ),
        values: [1, "it's \\ ?", Buffer.from([0, 39, 92, 255]), new Date(1_000), Buffer.alloc(16)],
      },
      { name: 'read', text: 'SELECT * FROM a ORDER BY n' },
      {
        name: 'sum',
        text: 'SELECT SUM(n) AS sum, COUNT(*) AS count, MAX(n) > 1 AS more FROM a WHERE n IN (?) AND n NOT IN (1, ?)',
        values: [[1, 2], []],
      },
    ]);
    expect(answers[1]).toEqual({ rows: [], affected: 2 });
    expect(answers[2]?.rows).toEqual([
      {
        id: '00010203-0405-0607-0809-0a0b0c0d0e0f',
        n: 1,
        name: "it's \\ ?",
        data: Buffer.from([0, 39, 92, 255]),
        at: new Date(1_000),
      },
      { id: '00000000-0000-0000-0000-000000000000', n: 2, name: 'b', data: null, at: null },
    ]);
    expect(answers[3]?.rows).toEqual([{ sum: null, count: 0, more: null }]);
  });
});
