import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { type MysqlServer, startMysql } from '#database/mysql/test-support/mysql-server.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { defaultLimits, defaultRetention } from '../../collect/collect.ts';
import { connectTo, createDatabase } from '../../test-support/mysql-database.ts';
import type { Connection, Statement } from '../connection.ts';
import { collecting } from './collect-steps.ts';

// Promise: the collector goes by indexes, whatever it finds, and one collects at a time.

describe.each(mysqlServersHere)('%s', (name) => {
  let server: MysqlServer;
  let c: MysqlConnection;
  const run = async (text: string) => (await c.batch([{ name: 'test', text }]))[0]?.rows ?? [];
  beforeAll(async () => {
    server = await startMysql(name);
    await createDatabase(server, 'c');
    c = await connectTo(server, 'c', 'write');
    for (const text of fill) await run(text);
  });
  afterAll(async () => {
    c?.abandon();
    await server?.stop();
  });

  test('one collects at a time', async () => {
    const other = await connectTo(server, 'c', 'write');
    await run('START TRANSACTION');
    expect(await collecting.tryAlone(c)).toBe(true);
    await other.batch([{ name: 'begin', text: 'START TRANSACTION' }]);
    expect(await collecting.tryAlone(other)).toBe(false);
    await run('ROLLBACK');
    expect(await collecting.tryAlone(other)).toBe(true);
    other.abandon();
  });

  const year = 365 * 24 * 3_600;
  const retention = Object.fromEntries(
    Object.keys(defaultRetention).map((key) => [key, year]),
  ) as typeof defaultRetention;

  test.each([
    ['expunged', 50],
    ['removedMailboxes', 51],
    ['staged', 1],
    ['operations', 50],
    ['tombstones', 50],
  ] as const)('%s: what is old enough is found by the index, and what it refers to by keys', async (step, looked) => {
    await run('START TRANSACTION');
    const { explain, plans } = explaining(c);
    expect(await collecting.steps[step](explain, { ...defaultLimits, batch: 50, retention })).toBe(looked);
    await run('ROLLBACK');
    expect(plans.filter(({ type }) => type === 'ALL' || type === 'index')).toEqual([]);
    expect(plans.length).toBeGreaterThan(0);
  });
});

const numbers = Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
/** 0 to 9,999. */
const many = `(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS n FROM (${numbers}) a, (${numbers}) b, (${numbers}) c, (${numbers}) d) s`;
const id = (number: string): string => `UNHEX(LPAD(HEX(${number}), 32, '0'))`;
/** The first hundred are two years old. */
const age = 'NOW() - INTERVAL IF(n < 100, 730, 0) DAY';
const columns = 'uid, modseq, size, content, operation, internal_date';
const row = `n + 1, 1, 1, ${id('n')}, ${id('n')}, NOW()`;

const fill: readonly string[] = [
  `INSERT INTO mailbox (id, epoch, uid_validity, owner, name) SELECT ${id('n')}, 1, n, 'ada', n FROM ${many}`,
  `INSERT INTO removed_mailbox (id, epoch, uid_next, modseq, removed_at) SELECT ${id('n')}, 1, 1, 1, NOW() - INTERVAL IF(n = 0, 730, 0) DAY FROM ${many}`,
  `INSERT INTO message (mailbox, keywords, flags, ${columns}) SELECT ${id('0')}, 0, 0, ${row} FROM ${many}`,
  `INSERT INTO tombstone (mailbox, expunged_at, ${columns}) SELECT ${id('n')}, ${age}, ${row} FROM ${many}`,
  `INSERT INTO tombstone (mailbox, expunged_at, ${columns}) SELECT ${id('n')}, ${age}, n + 2, 1, 1, NULL, ${id('n')}, NOW() FROM ${many}`,
  `INSERT INTO seen (mailbox, uid, reader, modseq, seen) SELECT ${id('n')}, n + 1, 'bob', 1, TRUE FROM ${many}`,
  `INSERT INTO content (id, size, chunks, hash, envelope, body, body_structure, part_index, header)
    SELECT ${id('n')}, 1, 1, '', '', '', '', '', '' FROM ${many}`,
  `INSERT INTO chunk (content, number, hash, data) SELECT ${id('n')}, 0, '', '' FROM ${many}`,
  `INSERT INTO text_signature (content, header, body) SELECT ${id('n')}, '', '' FROM ${many}`,
  `INSERT INTO staged (content, started_at) SELECT ${id('n')}, ${age} FROM ${many}`,
  `INSERT INTO operation (id, at, result) SELECT ${id('n')}, ${age}, 'null' FROM ${many}`,
  'ANALYZE TABLE mailbox, message, tombstone, seen, content, chunk, text_signature, staged, operation',
];

type Plan = { readonly table: string; readonly type: string };

/** The connection, and what the server says that it does for each statement before it does it. */
function explaining(c: MysqlConnection): { readonly explain: Connection; readonly plans: Plan[] } {
  const how = c.flavour === 'mysql' ? 'EXPLAIN FORMAT=TRADITIONAL' : 'EXPLAIN';
  const plans: Plan[] = [];
  const explain: Connection = {
    flavour: c.flavour,
    execute: c.execute.bind(c),
    eachRow: c.eachRow.bind(c),
    async batch(statements: readonly Statement[]) {
      // Few mailboxes were removed of late, so nobody needs an index of those.
      for (const each of statements.filter(({ name }) => name !== 'collect-removed')) {
        const [plan] = await c.batch([{ ...each, text: `${how} ${each.text}` }]);
        plans.push(...((plan?.rows ?? []) as Plan[]));
      }
      return await c.batch(statements);
    },
  };
  return { explain, plans };
}
