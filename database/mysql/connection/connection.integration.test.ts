import { createServer, connect as dial, type Socket } from 'node:net';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packagedServers } from '#database/programs/catalogue.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { type MysqlServer, startMysql } from '../test-support/mysql-server.ts';
import { mysqlServersHere } from '../test-support/servers-here.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { type OpenConnection, openConnection } from './open-connection.ts';
import { ConnectionLost, ServerError } from './server-error.ts';
import { ServerUnfit } from './session-settings.ts';
import type { Statement } from './statement.ts';

const named = (text: string, values: Statement['values'] = []): Statement => ({
  name: text.slice(0, 20),
  text,
  values,
});

/** What a careless administrator may have set. The first two change how literals are read. */
const CARELESS = [
  '--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT',
  '--completion-type=CHAIN',
  '--autocommit=0',
];

/** Promise: what goes through a connection comes out as it was, and what became of a batch is known as far as it can be. */
describe.each(mysqlServersHere)('%s', (name) => {
  const { kind } = packagedServers[name];
  let server: MysqlServer;
  const opened: { abandon(): void }[] = [];
  const open = async (options: Partial<OpenConnection> = {}): Promise<MysqlConnection> => {
    const endpoint = { socketPath: server.socketPath };
    const as = { endpoint, user: 'root', password: '', database: 't', role: 'admin', timeoutMs: 20_000 } as const;
    const c = await openConnection({ ...as, ...options });
    opened.push(c);
    return c;
  };

  beforeAll(async () => {
    server = await startMysql(name, [...CARELESS, '--log-bin=b', '--server-id=1']);
    const c = await open({ database: 'mysql' });
    await c.batch([
      named('CREATE DATABASE t'),
      named('USE t'),
      named(
        'CREATE TABLE octets (n INT NOT NULL PRIMARY KEY, data LONGBLOB, name VARBINARY(8000), words TEXT CHARACTER SET utf8mb4)',
      ),
      named('CREATE TABLE counted (n INT NOT NULL PRIMARY KEY, c BIGINT, k BIGINT UNSIGNED)'),
    ]);
  });
  afterAll(async () => {
    for (const c of opened) c.abandon();
    await server?.stop();
  });

  test('a batch gives the rows of each of its statements', async () => {
    const c = await open();
    expect(c.flavour).toBe(kind);
    expect((await c.execute(named('SELECT CONNECTION_ID() AS id'))).rows).toEqual([{ id: c.id }]);
    const id = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
    const answers = await c.batch([
      named(
        'CREATE TABLE a (id BINARY(16) PRIMARY KEY, n BIGINT, name VARBINARY(100), data BLOB, at DATETIME(6), day DATE)',
      ),
      named("INSERT INTO a VALUES (?, ?, ?, ?, ?, ?), (?, 2, 'b', NULL, NULL, NULL)", [
        ...[id, 1, "it's \\ ?", Buffer.from([0, 39, 92, 255]), new Date(1_000), '2026-11-01'],
        Buffer.alloc(16),
      ]),
      named('SELECT * FROM a ORDER BY n'),
      named('SELECT SUM(n) AS sum, COUNT(*) AS count, MAX(n) > 1 AS more FROM a WHERE n IN (?) AND n > ?', [
        [1, 2],
        true,
      ]),
      named('SELECT 1 FROM a WHERE n IN (?)', [[]]),
    ]);
    expect(answers[1]).toEqual({ rows: [], affected: 2 });
    const first = { id: '00010203-0405-0607-0809-0a0b0c0d0e0f', n: 1, name: "it's \\ ?", day: '2026-11-01' };
    expect(answers[2]?.rows).toEqual([
      { ...first, data: Buffer.from([0, 39, 92, 255]), at: new Date(1_000) },
      { id: '00000000-0000-0000-0000-000000000000', n: 2, name: 'b', data: null, at: null, day: null },
    ]);
    expect(answers[3]?.rows).toEqual([{ sum: 2, count: 1, more: 1 }]);
    expect(answers[4]?.rows).toEqual([]);
    expect(await c.execute(named('UPDATE a SET n = 2'))).toEqual({ rows: [], affected: 2 });
  });

  test('octets and texts of every kind come back as they were, by literal and by parameter', async () => {
    const c = await open();
    const special = fc.constantFrom(
      '\0',
      '\b',
      '\t',
      '\n',
      '\r',
      '\x1a',
      '"',
      "'",
      '\\',
      '%',
      '_',
      '?',
      ';',
      '--',
      '/*',
      '😀',
      'é',
      'é',
    );
    const text = fc
      .array(fc.oneof(special, fc.string({ unit: 'grapheme' })), { maxLength: 30 })
      .map((parts) => parts.join(''));
    const octets = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
    const insert = 'INSERT INTO octets (n, data, name, words) VALUES (?, ?, ?, ?)';
    const read = named('SELECT n, data, name, words FROM octets ORDER BY n');
    await fc.assert(
      fc.asyncProperty(octets, text, async (data, words) => {
        await c.batch([named('DELETE FROM octets'), named(insert, [1, data, words, words])]);
        await c.execute(named(insert, [2, data, words, words]));
        const wanted = [1, 2].map((n) => ({ n, data, name: words, words }));
        expect((await c.batch([read]))[0]?.rows).toEqual(wanted);
        expect((await c.execute(read)).rows).toEqual(wanted);
        const found = await c.execute(named('SELECT n FROM octets WHERE name = ? AND data = ?', [words, data]));
        expect(found.rows).toEqual([{ n: 1 }, { n: 2 }]);
        const literal = await c.batch([named('SELECT n FROM octets WHERE name = ? AND data = ?', [words, data])]);
        expect(literal[0]?.rows).toEqual([{ n: 1 }, { n: 2 }]);
        // Of the text not even a blank at the end is the same as none.
        const other = await c.batch([named('SELECT n FROM octets WHERE name = ?', [`${words} `])]);
        expect(other[0]?.rows).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('numbers are exact, or an error', async () => {
    const c = await open();
    const most = Number.MAX_SAFE_INTEGER;
    const insert = 'INSERT INTO counted VALUES (?, ?, ?)';
    await c.batch([named(insert, [1, most, 2n ** 62n - 1n])]);
    await c.execute(named(insert, [2, -most, 2n ** 63n - 1n]));
    const words = 'SELECT n, c, k & 0x7fffffff AS low, k >> 31 AS high FROM counted ORDER BY n';
    const wanted = [
      { n: 1, c: most, low: 2 ** 31 - 1, high: 2 ** 31 - 1 },
      { n: 2, c: -most, low: 2 ** 31 - 1, high: 2 ** 32 - 1 },
    ];
    expect((await c.batch([named(words)]))[0]?.rows).toEqual(wanted);
    expect((await c.execute(named(words))).rows).toEqual(wanted);
    for (const text of ['SELECT k FROM counted', 'SELECT SUM(k) AS k FROM counted']) {
      await expect(c.batch([named(text)])).rejects.toThrow('column k');
      await expect(c.execute(named(text))).rejects.toThrow('column k');
    }
    await expect(c.batch([named('SELECT ?', [2 ** 53])])).rejects.toThrow(TypeError);
    await expect(c.batch([named('SELECT ?', [0.5])])).rejects.toThrow(TypeError);
    await expect(c.batch([named('SELECT ?')])).rejects.toThrow('0 values for 1 places');
    // And LIMIT, which takes no DOUBLE.
    expect((await c.execute(named('SELECT n FROM counted ORDER BY n LIMIT ?', [1]))).rows).toEqual([{ n: 1 }]);
  });

  test('a batch stops at what is refused, and says which it was', async () => {
    const c = await open();
    const error = await c
      .batch([
        named('CREATE TABLE stopped (n INT PRIMARY KEY)'),
        named('INSERT INTO stopped VALUES (1)'),
        named('SELECT * FROM stopped'),
        { name: 'the-same', text: 'INSERT INTO stopped VALUES (1)' },
        named('INSERT INTO stopped VALUES (2)'),
      ])
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ errno: 1062, sqlState: '23000', at: 3, statement: 'the-same' });
    // What was sent may be mail: it is for no log.
    expect(inspect(error, { depth: 9 })).not.toContain('INSERT INTO');
    expect((await c.batch([named('SELECT * FROM stopped')]))[0]?.rows).toEqual([{ n: 1 }]);
    // In the middle of rows: the third of them has two values where one may be.
    const midway = `SELECT m.n, (SELECT x.n FROM (SELECT 1 AS n UNION SELECT 3) x WHERE x.n = 1 OR m.n = 3) AS v
      FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) m`;
    const late = await c.batch([named('SELECT 1 AS one'), named(midway), named('SELECT 2 AS two')]).catch((e) => e);
    expect(late).toMatchObject({ errno: 1242, at: 1 });
    const prepared = await c.execute(named('SELECT nothing FROM stopped')).catch((e: unknown) => e);
    expect(prepared).toMatchObject({ errno: 1054, at: 0 });
    expect((await c.batch([named('SELECT 1 AS one')]))[0]?.rows).toEqual([{ one: 1 }]);
  });

  test('settings of the server change nothing', async () => {
    const c = await open({ role: 'write' });
    const isolation = kind === 'mariadb' ? '@@tx_isolation' : '@@transaction_isolation';
    const text = `SELECT @@sql_mode AS mode, @@autocommit AS auto, @@completion_type AS completion, ${isolation} AS isolation,
      @@time_zone AS zone, @@collation_connection AS collation, @@innodb_lock_wait_timeout AS wait`;
    expect((await c.execute(named(text))).rows).toEqual([
      {
        mode: 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
        auto: 1,
        completion: 'NO_CHAIN',
        isolation: 'READ-COMMITTED',
        zone: '+00:00',
        collation: 'utf8mb4_bin',
        wait: 5,
      },
    ]);
    const reader = await open({ role: 'read' });
    const refused = await reader.batch([named('INSERT INTO counted VALUES (9, 9, 9)')]).catch((e: unknown) => e);
    expect(refused).toMatchObject({ errno: 1792 });
    const slow = await reader.batch([named('SET SESSION wait_timeout = 100'), named('SELECT 1 AS one')]);
    expect(slow[1]?.rows).toEqual([{ one: 1 }]);
  });

  test('a server that the store would not work on is named by its setting', async () => {
    const admin = await open();
    const [before] = (await admin.execute(named('SELECT @@GLOBAL.max_allowed_packet AS packet'))).rows;
    await admin.batch([named('SET GLOBAL max_allowed_packet = 1048576')]);
    await expect(open({ role: 'write' })).rejects.toThrow(ServerUnfit);
    await expect(open({ role: 'write' })).rejects.toThrow('max_allowed_packet is 1048576');
    await admin.batch([
      named('SET GLOBAL max_allowed_packet = ?', [(before as { packet: number }).packet]),
      named("SET GLOBAL binlog_format = 'STATEMENT'"),
    ]);
    await expect(open({ role: 'write' })).rejects.toThrow('binlog_format is STATEMENT');
    await admin.batch([named("SET GLOBAL binlog_format = 'ROW'")]);
    await open({ role: 'write' });
  });

  test('64 MiB go in and come out in bounded memory, however slow who takes them', async () => {
    const c = await open();
    const piece = Buffer.alloc(256 * 1_024, 'mail');
    const insert = 'INSERT INTO large VALUES (?, ?)';
    await c.batch([named('CREATE TABLE large (n INT PRIMARY KEY, data MEDIUMBLOB)')]);
    const gc = await collector();
    const base = gc();
    let most = 0;
    const look = (): void => {
      most = Math.max(most, gc() - base);
    };
    for (let n = 0; n < 256; n += 1) {
      if (n % 2 === 0) await c.execute(named(insert, [n, piece]));
      else await c.batch([named(insert, [n, piece])]);
      if (n % 32 === 0) look();
    }
    for (const prepared of [false, true]) {
      let next = 0;
      await c.eachRow<{ n: number; data: Buffer }>(
        { ...named('SELECT n, data FROM large ORDER BY n'), prepared },
        async (row) => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          if (row.n % 16 === 0) look();
          expect(row.n).toBe(next);
          expect(row.data.equals(piece)).toBe(true);
          next += 1;
        },
      );
      expect(next).toBe(256);
    }
    expect(most).toBeLessThan(16 * 1_024 * 1_024);
  });

  test('what a taker of rows throws comes out behind the statement', async () => {
    const c = await open();
    const three = named('SELECT 1 AS n UNION SELECT 2 UNION SELECT 3');
    let taken = 0;
    const take = (): void => {
      taken += 1;
      throw new Error('enough');
    };
    await expect(c.eachRow(three, take)).rejects.toThrow('enough');
    await expect(c.eachRow(three, async () => take())).rejects.toThrow('enough');
    expect(taken).toBe(2);
    expect((await c.batch([named('SELECT 1 AS one')]))[0]?.rows).toEqual([{ one: 1 }]);
    // Of a batch, whose other statements keep theirs.
    const rows: unknown[] = [];
    const some = { ...three, take: (row: unknown) => void rows.push(row) };
    const answers = await c.batch([named('SELECT 0 AS n'), some, named('SET @n = 4'), named('SELECT @n AS n')]);
    expect(answers.map((answer) => answer.rows)).toEqual([[{ n: 0 }], [], [], [{ n: 4 }]]);
    expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await expect(c.batch([named('SELECT 0 AS n'), { ...three, take }, named('SELECT 5 AS n')])).rejects.toThrow(
      'enough',
    );
    expect((await c.batch([named('SELECT 1 AS one')]))[0]?.rows).toEqual([{ one: 1 }]);
  });

  test('a connection that breaks off tells no more than that', async () => {
    const links: Socket[] = [];
    const port = await freePort();
    const between = createServer((client) => {
      const link = dial(server.socketPath);
      links.push(client, link);
      client.on('error', () => undefined).pipe(link);
      link.on('error', () => undefined).pipe(client);
    });
    await new Promise<void>((resolve) => between.listen(port, '127.0.0.1', resolve));
    const c = await open({ endpoint: { host: '127.0.0.1', port } });
    const slow = c
      .batch([named('INSERT INTO counted VALUES (50, 0, 0)'), named('DO SLEEP(20)')])
      .catch((e: unknown) => e);
    const behind = c.batch([named('SELECT 1')]).catch((e: unknown) => e);
    const other = await open();
    await expect
      .poll(async () => (await other.execute(named('SELECT n FROM counted WHERE n = 50'))).rows.length)
      .toBe(1);
    for (const link of links) link.destroy();
    expect(await slow).toBeInstanceOf(ConnectionLost);
    expect(await behind).toBeInstanceOf(ConnectionLost);
    expect(c.lost).toBeInstanceOf(ConnectionLost);
    await expect(c.batch([named('SELECT 1')])).rejects.toThrow(ConnectionLost);
    between.close();
  });

  test('who lets go of a connection, or is told to, has his answer at once', async () => {
    const c = await open();
    const abandoned = c.batch([named('DO SLEEP(20)')]).catch((e: unknown) => e);
    c.abandon();
    expect(await abandoned).toBeInstanceOf(ConnectionLost);
    const stop = new AbortController();
    const d = await open({ signal: stop.signal });
    const aborted = d.execute(named('SELECT SLEEP(20)')).catch((e: unknown) => e);
    stop.abort();
    expect(await aborted).toBeInstanceOf(ConnectionLost);
    await expect(open({ signal: stop.signal })).rejects.toThrow();
    const e = await open();
    await e.end();
    await expect(e.batch([named('SELECT 1')])).rejects.toThrow(ConnectionLost);
  });

  test('a session that the server ends is lost', async () => {
    const [c, admin] = [await open(), await open()];
    const under = c.batch([named('DO SLEEP(20)')]).catch((e: unknown) => e);
    await expect
      .poll(
        async () =>
          (
            await admin.execute(
              named("SELECT id FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%' AND id = ?", [c.id]),
            )
          ).rows.length,
      )
      .toBe(1);
    await admin.batch([named('KILL ?', [c.id])]);
    expect(await under).toBeInstanceOf(Error);
    await expect(c.batch([named('SELECT 1')])).rejects.toThrow();
    await expect.poll(() => c.lost).toBeInstanceOf(ConnectionLost);
  });
});

test('nobody waits for a server that says nothing', async () => {
  const port = await freePort();
  const mute = createServer(() => undefined);
  await new Promise<void>((resolve) => mute.listen(port, '127.0.0.1', resolve));
  const as = { user: 'root', password: '', role: 'read', timeoutMs: 200 } as const;
  await expect(openConnection({ endpoint: { host: '127.0.0.1', port }, ...as })).rejects.toThrow(ConnectionLost);
  mute.close();
  await expect(openConnection({ endpoint: { host: '127.0.0.1', port }, ...as })).rejects.toThrow(ConnectionLost);
});

/** Octets of buffers in use, once what nobody has any more is gone. */
async function collector(): Promise<() => number> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  return () => {
    gc();
    return process.memoryUsage().arrayBuffers;
  };
}
