import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import { stampEpoch } from '#database/mysql/repository-epoch.ts';
import { type MysqlServer, startMysql } from '#database/mysql/test-support/mysql-server.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { connectTo, createDatabase } from '../../test-support/mysql-database.ts';
import type { OperationId } from '../../types.ts';
import { onlyRow, rows, type Statement } from '../connection.ts';
import { noJumpSince } from '../epoch-sql.ts';
import { raw, type Sql, sql } from '../sql.ts';
import { isGuarded, recorded, sendBatch, unset } from './batch.ts';
import { lockOwner, lockReaders, tryCollectorLock } from './lock-slots.ts';
import { beginOperation, isOperationExists, recordOperation, rollBack } from './operations.ts';
import { addMailboxes, addUsage, removeMailboxes } from './usage.ts';

/** Promise: a mutation is sent as a whole, and happens as a whole, once, at its epoch, or not at all. */
describe.each(mysqlServersHere)('%s', (name) => {
  let server: MysqlServer;
  const opened: MysqlConnection[] = [];
  const open = async (role: 'write' | 'admin' = 'write'): Promise<MysqlConnection> => {
    const c = await connectTo(server, 'b', role);
    opened.push(c);
    return c;
  };
  beforeAll(async () => {
    server = await startMysql(name);
    await createDatabase(server, 'b');
  });
  afterAll(async () => {
    for (const c of opened) c.abandon();
    await server?.stop();
  });

  const operation = (): OperationId => randomUUID() as OperationId;
  /** Subscribes `owner` to a folder, and tells how many that makes. */
  const subscribe = (owner: string, must: Sql, as: { operation?: OperationId; epoch?: number } = {}): Statement[] => [
    unset('@n'),
    { name: 'work', text: "INSERT INTO subscription (owner, name) VALUES (?, 'x')", values: [owner] },
    { name: 'count', text: 'SELECT COUNT(*) INTO @n FROM subscription WHERE owner = ?', values: [owner] },
    recorded({ operation: operation(), epoch: 1, ...as, mustBe: must, result: sql`CONCAT('{"n":', @n, '}')` }),
    { name: 'answer', text: 'SELECT @n AS n' },
  ];
  const subscriptions = async (owner: string): Promise<number> => {
    const text = 'SELECT COUNT(*) AS n FROM subscription WHERE owner = ?';
    return (await onlyRow<{ n: number }>(await open(), { name: 'read', text, values: [owner] })).n;
  };

  test('what holds is committed with its answer, its operation and its result', async () => {
    const c = await open();
    const done = operation();
    const answers = await sendBatch(c, subscribe('ada', sql`@n = ${1}`, { operation: done }));
    expect(answers.at(-1)).toEqual([{ n: 1 }]);
    expect(await subscriptions('ada')).toBe(1);
    expect(await beginOperation(await open(), done)).toMatchObject({ stored: { result: { n: 1 } } });
  });

  test.each([
    ['what must be is not', sql`@n = ${2}`, {}],
    ['nobody knows whether it is', sql`@nobody = ${1}`, {}],
    ['the repository is at another epoch', sql`TRUE`, { epoch: 2 }],
  ] as const)('where %s nothing happens, and the session is free again', async (why, must, as) => {
    const c = await open();
    const error = await sendBatch(c, subscribe(why, must, as)).catch((e: unknown) => e);
    expect(isGuarded(error)).toBe(true);
    // The transaction was ended: what it had locked is to be had.
    await sendBatch(c, subscribe(why, sql`@n = ${1}`));
    expect(await subscriptions(why)).toBe(1);
  });

  test('an operation happens once, whole or step by step', async () => {
    const [c, d] = [await open(), await open()];
    const once = operation();
    await sendBatch(c, subscribe('eve', sql`TRUE`, { operation: once }));
    const again = await sendBatch(c, subscribe('eve2', sql`TRUE`, { operation: once })).catch((e: unknown) => e);
    expect(isOperationExists(again)).toBe(true);
    expect(await subscriptions('eve2')).toBe(0);
    expect(await beginOperation(d, once)).toEqual({ epoch: 1, stored: { result: { n: 1 } } });
    const stepwise = await rows(d, recordOperation(once, 'null')).catch((e: unknown) => e);
    expect(isOperationExists(stepwise)).toBe(true);
    await rollBack(d);
    expect(await beginOperation(d, operation())).toEqual({ epoch: 1, stored: null });
    await rollBack(d);
  });

  test('an epoch is stamped between transactions, never within one', async () => {
    await createDatabase(server, 'e');
    const [writer, agent] = await Promise.all([connectTo(server, 'e', 'write'), connectTo(server, 'e', 'admin')]);
    opened.push(writer, agent);
    expect((await beginOperation(writer, operation())).epoch).toBe(1);
    let stamped = false;
    const stamping = agent.batch(stampEpoch(agent.flavour, { epoch: 2, uidGap: 7, member: 'a1' })).then(() => {
      stamped = true;
    });
    await untilWaiting(agent.id);
    expect(stamped).toBe(false);
    await rollBack(writer);
    await stamping;
    // Once more: nothing changes.
    await agent.batch(stampEpoch(agent.flavour, { epoch: 2, uidGap: 9, member: 'a2' }));
    const text = `SELECT epoch, uid_gap AS gap, member, ${noJumpSince('1')} AS calm, ${noJumpSince('2')} AS still,
      ${noJumpSince('NULL')} AS unknown FROM repository_epoch WHERE epoch = 2`;
    const [row] = await rows(agent, { name: 'read', text });
    expect(row).toMatchObject({ epoch: 2, gap: 7, member: 'a1', calm: 0, still: 1 });
    expect((row as { unknown: unknown }).unknown).not.toBe(1);
  });

  const untilWaiting = async (id: number): Promise<void> => {
    const admin = await open('admin');
    const text = `SELECT COUNT(*) AS n FROM information_schema.innodb_trx
      WHERE trx_state = 'LOCK WAIT' AND trx_mysql_thread_id = ?`;
    const waits = async (): Promise<boolean> =>
      (await onlyRow<{ n: number }>(admin, { name: 'waits', text, values: [id] })).n > 0;
    // Who asks more often than every 100 ms gets the answer of before for ever.
    await expect.poll(waits, { interval: 250 }).toBe(true);
  };

  test('who changes the names of one user waits for the other, and for nobody else', async () => {
    const [a, b, c] = [await open(), await open(), await open()];
    for (const each of [a, b, c]) await rows(each, { name: 'begin', text: 'START TRANSACTION' });
    await lockOwner(a, 'ada', 'bob');
    await lockReaders(a, ['eve']);
    await lockOwner(b, 'cyd');
    await lockReaders(b, ['ada', 'cyd']);
    const waits = lockOwner(c, 'ada');
    await untilWaiting(c.id);
    await rollBack(a);
    await waits;
    await rollBack(b);
    await rollBack(c);
  });

  test('of two collectors one goes away at once', async () => {
    const [a, b] = [await open(), await open()];
    for (const each of [a, b]) await rows(each, { name: 'begin', text: 'START TRANSACTION' });
    expect(await tryCollectorLock(a)).toBe(true);
    expect(await tryCollectorLock(b)).toBe(false);
    await rollBack(b);
    await rollBack(a);
    await rows(b, { name: 'begin', text: 'START TRANSACTION' });
    expect(await tryCollectorLock(b)).toBe(true);
    await rollBack(b);
  });

  test('usage comes with the first mailbox and goes with the last', async () => {
    const c = await open();
    const owner = sql`${'ída'}`;
    const two = { storage: sql`${30}`, messages: sql`${3}`, mailboxes: sql`${2}` };
    const one = { storage: sql`${10}`, messages: sql`${1}`, mailboxes: sql`${1}` };
    const read: Statement = { name: 'read', text: 'SELECT * FROM usage_of WHERE owner = ?', values: ['ída'] };
    await rows(c, addMailboxes(owner, { ...one, mailboxes: sql`${0}` }));
    expect(await rows(c, read)).toEqual([]);
    await c.batch([addMailboxes(owner, two), addMailboxes(owner, one)]);
    await c.batch([
      { name: 'set', text: 'SET @who = ?, @n = 5', values: ['ída'] },
      addUsage(raw('@who'), { storage: raw('@n'), messages: raw('-@n') }),
    ]);
    expect(await rows(c, read)).toEqual([{ owner: 'ída', storage: 45, messages: -1, mailboxes: 3 }]);
    await c.batch(removeMailboxes(owner, one));
    expect(await rows(c, read)).toEqual([{ owner: 'ída', storage: 35, messages: -2, mailboxes: 2 }]);
    await c.batch(removeMailboxes(owner, two));
    expect(await rows(c, read)).toEqual([]);
  });

  test('uuids come back as they were sent', async () => {
    const c = await open();
    const id = randomUUID();
    await rows(c, { name: 'put', text: 'INSERT INTO staged (content) VALUES (?)', values: [uuidOctets(id)] });
    const text = 'SELECT content, started_at AS at FROM staged WHERE content = ?';
    for (const prepared of [false, true]) {
      const [row] = await rows<{ content: string; at: Date }>(c, {
        name: 'get',
        text,
        values: [uuidOctets(id)],
        prepared,
      });
      expect(row?.content).toBe(id);
      // UTC on both sides, whatever the zone of the server.
      expect(Math.abs((row?.at.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    }
  });
});
