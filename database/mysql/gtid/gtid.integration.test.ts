import fc from 'fast-check';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isHere } from '#database/test-support/is-here.ts';
import { comparePosition, holdsPosition, positionNumber } from '../../position.ts';
import { type MysqlServer, startMysql } from '../test-support/mysql-server.ts';
import { mariadbPositionNumber, parseMariadbPosition, printMariadbPosition } from './mariadb-position.ts';
import { containsGtids, countGtids, parseGtidSet, printGtidSet, subtractGtids, unionOf } from './mysql-set.ts';
import { asText, members, SOURCES } from './test-support/arbitrary-set.ts';

/** Promise: what is computed here of positions is what the servers themselves say of them. */
const servers: MysqlServer[] = [];
afterAll(async () => await Promise.all(servers.map((server) => server.stop())));

async function connectTo(...start: Parameters<typeof startMysql>): Promise<Connection> {
  const server = await startMysql(...start);
  servers.push(server);
  return await server.connect({ supportBigNumbers: true, bigNumberStrings: true });
}

async function ask(c: Connection, statement: string, values: string[] = []): Promise<unknown> {
  const [[row]] = await c.query<RowDataPacket[]>({ sql: statement, rowsAsArray: true }, values);
  return (row as unknown as readonly unknown[] | undefined)?.[0];
}

const write = async (c: Connection): Promise<void> => void (await c.query('INSERT INTO t.t VALUES (DEFAULT)'));
const makeTable = async (c: Connection): Promise<void> => {
  await c.query('CREATE DATABASE t');
  await c.query('CREATE TABLE t.t (id INT AUTO_INCREMENT PRIMARY KEY)');
};

const hasMysql = await isHere('mysql-9.7');

describe.skipIf(!hasMysql)('MySQL', () => {
  let c: Connection;
  beforeAll(async () => {
    c = await connectTo('mysql-9.7', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--server-id=1']);
  });
  afterAll(async () => await c.end());

  test('GTID_SUBSET and GTID_SUBTRACT agree', async () => {
    const property = fc.asyncProperty(members, members, async (a, b) => {
      const [x, y] = [asText(a), asText(b)];
      const [left, right] = [parseGtidSet(x), parseGtidSet(y)];
      expect(printGtidSet(subtractGtids(left, right))).toBe(plain(await ask(c, SUBTRACT, [x, y])));
      // What is left of a set without nothing is the set as the server writes it.
      expect(printGtidSet(left)).toBe(plain(await ask(c, SUBTRACT, [x, ''])));
      expect(printGtidSet(unionOf(left, right))).toBe(plain(await ask(c, SUBTRACT, [`${x},${y}`, ''])));
      expect(Number(containsGtids(right, left))).toBe(Number(await ask(c, 'SELECT GTID_SUBSET(?, ?)', [x, y])));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('a server refuses what is refused here, and prints what it takes in the same way', async () => {
    const [A] = SOURCES;
    for (const text of ['x', `${A}:`, `${A}:0`, `${A}:${'t'.repeat(33)}:1`, `${A}:1-2-3`, '0-1-5', '0/1']) {
      await expect(ask(c, SUBTRACT, [text, '']), text).rejects.toThrow('GTID');
      expect(() => parseGtidSet(text)).toThrow('GTID');
    }
    for (const text of ['', `${A.toUpperCase()}:1`, `${A}:z:1-2:_a:7:a1:1:a_:3,${A}:3`, `${A}:1-9223372036854775806`])
      expect(plain(await ask(c, SUBTRACT, [text, ''])), text).toBe(printGtidSet(parseGtidSet(text)));
  });

  test('every write takes a number, and a position before it does not hold it', async () => {
    const executed = async (): Promise<string> => String(await ask(c, 'SELECT @@GLOBAL.gtid_executed'));
    const before = await executed();
    await makeTable(c);
    const start = await executed();
    await c.query("SET gtid_next = 'AUTOMATIC:maintenance'");
    await write(c);
    await c.query("SET gtid_next = 'AUTOMATIC'");
    for (let count = 0; count < 11; count += 1) await write(c);
    const end = await executed();
    expect(printGtidSet(parseGtidSet(end))).toBe(plain(end));
    expect(countGtids(parseGtidSet(end)) - countGtids(parseGtidSet(start))).toBe(12n);
    expect([holdsPosition(end, start), holdsPosition(start, end), holdsPosition(start, before)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(comparePosition(start, end)).toBe(-1);
  });
});

const SUBTRACT = 'SELECT GTID_SUBTRACT(?, ?)';
/** A server breaks lines. */
const plain = (text: unknown): string => String(text).replaceAll('\n', '').replaceAll(' ', '');

describe.for(['mariadb-10.11', 'mariadb-11.8'] as const)('%s', (name) => {
  test('every write takes a number, in each domain', async ({ skip }) => {
    if (!(await isHere(name))) skip('the machine cannot have it');
    const c = await connectTo(name, ['--log-bin', '--server-id=101', '--gtid-domain-id=7', '--gtid-strict-mode=ON']);
    const written = async (): Promise<string> => String(await ask(c, 'SELECT @@GLOBAL.gtid_binlog_pos'));
    expect(await written()).toBe('');
    await makeTable(c);
    const start = await written();
    expect(start).toBe('7-101-2');
    for (let count = 0; count < 9; count += 1) await write(c);
    // Another server took over, and then a statement of somebody else in another domain.
    await c.query('SET SESSION server_id = 102');
    await write(c);
    const end = await written();
    expect(end).toBe('7-102-12');
    expect([comparePosition(start, end), positionNumber(end)]).toEqual([-1, 12n]);
    await c.query('SET SESSION gtid_domain_id = 3');
    await write(c);
    const both = await written();
    expect(printMariadbPosition(parseMariadbPosition(both))).toBe('3-102-1,7-102-12');
    expect(mariadbPositionNumber(parseMariadbPosition(both))).toBe(13n);
    expect([holdsPosition(both, end), holdsPosition(end, both)]).toEqual([true, false]);
    await c.end();
  });
});
