import { afterEach, describe, expect, test } from 'vitest';
import { pause, within } from '#runtime/deadline.ts';
import { settled } from '#runtime/settled.ts';
import { roles } from '../../roles.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { attach } from '../replication/attach.ts';
import { stopReceiver } from '../replication/receiver.ts';
import { readSemiSync, requireAcknowledgements } from '../replication/semi-sync.ts';
import {
  makeRepository,
  PASSWORD,
  type ReplicatingServer,
  startReplicating,
} from '../test-support/replicating-server.ts';
import { mysqlServersHere } from '../test-support/servers-here.ts';
import { changeAccounts } from './change-accounts.ts';
import { setDoor } from './door.ts';
import { endMailSessions } from './mail-sessions.ts';
import { makeReadOnly } from './read-only.ts';

const WRITERS = 8;
/** The agent gives a fence two seconds, then it kills the server. */
const FENCED_MS = 1_000;

/** Promise: who is fenced writes nothing more, nothing that was acknowledged is lost by it, and it does not take long. */
describe.each(mysqlServersHere)('%s', (name) => {
  const servers: ReplicatingServer[] = [];
  afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.stop()))));

  const { signal } = new AbortController();

  async function pair(): Promise<readonly [ReplicatingServer, ReplicatingServer]> {
    const [primary, replica] = await Promise.all([startReplicating(name, 1), startReplicating(name, 2)]);
    servers.push(primary, replica);
    await makeRepository(primary);
    const { endpoint: upstream } = primary;
    const account = { user: roles.replication, password: PASSWORD };
    await attach(replica.sessions, { upstream, ...account, acknowledges: true }, signal);
    await requireAcknowledgements(primary.admin, 1);
    return [primary, replica];
  }

  type Writer = { acknowledged: number; readonly ended: Promise<unknown> };

  /** Writes until its session is ended or refused. */
  async function write(primary: ReplicatingServer, by: number): Promise<Writer> {
    const session = await primary.asMail();
    const insert = [
      { name: 'begin', text: 'START TRANSACTION' },
      { name: 'insert', text: 'INSERT INTO t (by_whom) VALUES (?)', values: [by] },
      { name: 'commit', text: 'COMMIT' },
    ];
    const writing = async (): Promise<never> => {
      for (;;) {
        await session.batch(insert);
        writer.acknowledged += 1;
      }
    };
    const writer: Writer = { acknowledged: 0, ended: Promise.resolve() };
    return Object.assign(writer, { ended: writing().catch((error: unknown) => error) });
  }

  async function load(primary: ReplicatingServer): Promise<readonly Writer[]> {
    const writers = await Promise.all(Array.from({ length: WRITERS }, (_, by) => write(primary, by)));
    // Some that do nothing, and one in the middle of a transaction.
    await primary.asMail();
    const idle = await primary.asMail();
    await idle.batch([
      { name: 'begin', text: 'START TRANSACTION' },
      { name: 'insert', text: 'INSERT INTO t (by_whom) VALUES (99)' },
    ]);
    await expect.poll(() => Math.min(...writers.map(({ acknowledged }) => acknowledged))).toBeGreaterThan(2);
    return writers;
  }

  const rows = async (server: ReplicatingServer): Promise<number> =>
    Number((await server.sql('SELECT COUNT(*) AS n FROM imap.t'))[0]?.n);

  const sum = (writers: readonly Writer[]): number =>
    writers.reduce((total, { acknowledged }) => total + acknowledged, 0);

  async function fence(primary: ReplicatingServer): Promise<{ readonly outcome: string; readonly ms: number }> {
    const begin = performance.now();
    await setDoor(primary.admin, [roles.replication, roles.salvage]);
    const outcome = await endMailSessions(primary.sessions, signal);
    return { outcome, ms: performance.now() - begin };
  }

  const refused = (attempt: Promise<MysqlConnection>): Promise<unknown> =>
    expect(attempt).rejects.toMatchObject({ name: 'ServerError' });

  test('while replicas are there: all sessions end, and what was acknowledged is on the replica', async () => {
    const [primary, replica] = await pair();
    const writers = await load(primary);
    const { outcome, ms } = await fence(primary);
    expect(outcome).toBe('ended');
    expect(ms).toBeLessThan(FENCED_MS);
    await Promise.all(writers.map(({ ended }) => ended));
    await expect.poll(() => rows(replica)).toBeGreaterThanOrEqual(sum(writers));
    await refused(primary.asMail());
    // Salvage may read what there is, and the agent stamps.
    await primary.sql('INSERT INTO imap.t (by_whom) VALUES (100)');
  });

  test('while replicas are away: it says that a COMMIT waits, and has acknowledged nothing', async () => {
    const [primary, replica] = await pair();
    const writers = await load(primary);
    await stopReceiver(replica.sessions, signal);
    await expect.poll(() => waiting(primary)).toBeGreaterThan(0);
    await pause(100);
    const before = sum(writers);
    const { outcome, ms } = await fence(primary);
    expect(outcome).toBe('commitWaiting');
    expect(ms).toBeLessThan(FENCED_MS);
    await pause(300);
    expect(sum(writers)).toBe(before);
    expect((await readSemiSync(primary.admin)).unacknowledged).toBe(0);
    expect(await waiting(primary)).toBeGreaterThan(0);
    await refused(primary.asMail());
    // Nothing of the fence is left behind that could come true later.
    expect(await primary.sql('SELECT @@GLOBAL.read_only AS on_now')).toEqual([{ on_now: 0 }]);
  });

  // The same without the remedy: what the order of things in `endMailSessions` is for.
  test('a server that is made read_only behind a waiting COMMIT does not answer', async () => {
    const [primary, replica] = await pair();
    await stopReceiver(replica.sessions, signal);
    await write(primary, 1);
    await expect.poll(() => waiting(primary)).toBe(1);
    const waiter = await primary.asAdmin();
    const asking = waiter.batch([{ name: 'read-only', text: 'SET GLOBAL read_only = 1' }]);
    // It ends with the server, after this.
    void settled(asking);
    await expect(within(1_500, 'read_only', asking)).rejects.toThrow('no answer');
  });

  test('a statement that takes long is ended, and does not pass for a COMMIT that waits', async () => {
    const [primary] = await pair();
    const session = await primary.asMail();
    const long = session.batch([{ name: 'long', text: 'INSERT INTO t (by_whom) SELECT SLEEP(20)' }]);
    const ended = long.then(
      () => null,
      (error: unknown) => error,
    );
    await expect
      .poll(() => primary.sql("SELECT id FROM information_schema.processlist WHERE info LIKE 'INSERT INTO t%'"))
      .toHaveLength(1);
    const { outcome, ms } = await fence(primary);
    expect(outcome).toBe('ended');
    expect(ms).toBeLessThan(FENCED_MS);
    expect(await ended).toBeInstanceOf(Error);
    expect(await rows(primary)).toBe(0);
  });

  async function waiting(primary: ReplicatingServer): Promise<number> {
    const found = await primary.sql(
      "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE state LIKE 'Waiting for semi-sync ACK%'",
    );
    return Number(found[0]?.n);
  }

  test('a change of accounts that fails opens no replica to writes', async () => {
    const replica = await startReplicating(name, 2);
    servers.push(replica);
    const before = await readOnly(replica);
    await makeReadOnly(replica.sessions, { writers: 'nobody' });
    const shut = await readOnly(replica);
    expect(shut).not.toEqual(before);
    const nobody = { name: 'nobody', text: "ALTER USER 'nobody'@'nowhere' ACCOUNT LOCK" };
    await expect(changeAccounts(await replica.asAdmin(), [nobody])).rejects.toMatchObject({ statement: 'nobody' });
    expect(await readOnly(replica)).toEqual(shut);
    await setDoor(await replica.asAdmin(), []);
    expect(await readOnly(replica)).toEqual(shut);
  });

  const readOnly = async (server: ReplicatingServer): Promise<unknown> =>
    await server.sql("SHOW GLOBAL VARIABLES LIKE '%read_only'");
});
