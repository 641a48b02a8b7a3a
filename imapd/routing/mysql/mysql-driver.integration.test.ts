import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { packagedServers } from '#database/programs/catalogue.ts';
import { pause } from '#runtime/deadline.ts';
import type { OperationId } from '../../store/types.ts';
import type { Role } from '../driver.ts';
import { mailCredentials } from '../test-support/mail-credentials.ts';
import { TestRepository } from '../test-support/test-repository.ts';
import { MysqlDriver } from './mysql-driver.ts';
import type { SessionPool } from './session-pool.ts';

// Promise: what is known of a transaction is what the server has said of it, nothing is open behind a refusal, and no session that
// writes is ended from here.
describe.each(mysqlServersHere)('%s', (engine) => {
  const driver = new MysqlDriver(packagedServers[engine].kind);
  let repository: TestRepository;
  const pools: SessionPool[] = [];

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a'] });
    await repository.server('a').makeMarks();
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await repository?.close();
  });

  function open(role: Role, { max = 2, idleMs = 30_000 } = {}): SessionPool {
    const { endpoint, database } = repository.server('a');
    const { user, password } = mailCredentials;
    const as = { user, password: () => password, applicationName: 'imapd test' };
    const pool = driver.openPool({ role, endpoint, database, ...as, max, idleMs });
    pools.push(pool);
    return pool;
  }
  const operation = (): OperationId => randomUUID() as OperationId;
  const send = (c: MysqlConnection, text: string) => c.batch([{ name: 'test', text }]);
  const marks = () => repository.server('a').marks();

  test('a COMMIT is known to be one; where its last statement is refused all is undone, and the connection is free', async () => {
    const { connection: c, giveBack } = await open('write').acquire();
    const id = operation();
    for (const kind of ['committed', 'rolledBack'] as const) {
      expect(await driver.beginOperation(c, 1, operation())).toBeNull();
      await send(c, `INSERT INTO marks VALUES ('${kind}')`);
      const outcome = await driver.commit(c, { kind: 'record', operation: id, result: '1' });
      expect(outcome.kind).toBe(kind);
      if (outcome.kind === 'rolledBack') expect(driver.isRepeated(outcome.cause)).toBe(true);
    }
    // Each statement is its own transaction again.
    await send(c, "INSERT INTO marks VALUES ('alone')");
    expect(await marks()).toEqual(['alone', 'committed']);
    expect(await driver.beginOperation(c, 1, id)).toEqual({ result: 1 });
    expect((await driver.commit(c, { kind: 'barrier' })).kind).toBe('committed');
    giveBack();
  });

  test('what is refused as a whole leaves nothing open, and what was not answered is unknown', async () => {
    const { connection: c, discard } = await open('write').acquire();
    const refused = await driver.sendWhole(c, async () => {
      await send(c, 'START TRANSACTION');
      await send(c, "INSERT INTO marks VALUES ('refused')");
      return await send(c, 'SELECT nonsense');
    });
    expect(refused.kind).toBe('rolledBack');
    await send(c, "INSERT INTO marks VALUES ('kept')");
    expect(await marks()).toContain('kept');
    expect(await marks()).not.toContain('refused');
    const whole = driver.sendWhole(c, () => send(c, 'DO SLEEP(5)'));
    await pause(100);
    discard();
    expect((await whole).kind).toBe('unknown');
  });

  test('what is read on a connection that is let go is cancelled; what is written is not', async () => {
    const running = async (text: string): Promise<number> =>
      (await repository.server('a').sql('SELECT id FROM information_schema.processlist WHERE info = ?', [text])).length;
    for (const role of ['read', 'write'] as const) {
      const loan = await open(role).acquire();
      const text = `SELECT SLEEP(4) AS for_${role}`;
      const answer = send(loan.connection, text).catch(String);
      await expect.poll(() => running(text)).toBe(1);
      loan.discard();
      expect(await answer).toContain('abandoned');
      if (role === 'read') await expect.poll(() => running(text), { timeout: 2_000 }).toBe(0);
      else {
        await pause(500);
        expect(await running(text)).toBe(1);
      }
    }
  });

  test('callers wait for their turn, and connections that nobody needs end', async () => {
    const pool = open('read', { max: 1, idleMs: 50 });
    const first = await pool.acquire();
    const second = pool.acquire();
    expect({ open: pool.open, idle: pool.idle, waiting: pool.waiting }).toEqual({ open: 1, idle: 0, waiting: 1 });
    first.giveBack();
    const { connection, giveBack } = await second;
    expect(connection).toBe(first.connection);
    giveBack();
    expect(pool.idle).toBe(1);
    await expect.poll(() => pool.open).toBe(0);
    const third = await pool.acquire();
    const fourth = pool.acquire();
    third.discard();
    const other = await fourth;
    expect(other.connection).not.toBe(third.connection);
    other.giveBack();
  });

  test('a fenced member is no writer, and neither is one at another epoch', async () => {
    const { connection: c, discard } = await open('probe').acquire();
    expect((await driver.proveWriter(c, 1)).kind).toBe('committed');
    await expect(driver.proveWriter(c, 2)).rejects.toThrow('epoch 1');
    await send(c, 'ROLLBACK');
    await repository.server('a').set('read_only', '1');
    await expect(driver.proveWriter(c, 1)).rejects.toThrow('takes no writes');
    discard();
    await repository.server('a').set('read_only', '0');
  });
});
