import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pause, within } from '#runtime/deadline.ts';
import { settled } from '#runtime/settled.ts';
import { roles } from '../../roles.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { attach } from '../replication/attach.ts';
import { stopReceiver } from '../replication/receiver.ts';
import { readSemiSync, requireAcknowledgements } from '../replication/semi-sync.ts';
import { lockEpoch } from '../repository-epoch.ts';
import {
  makeRepository,
  PASSWORD,
  type ReplicatingServer,
  startReplicating,
} from '../test-support/replicating-server.ts';
import { mysqlServersHere } from '../test-support/servers-here.ts';
import { writeBarrier, writeEpoch } from './durable-write.ts';

const one = { required: 1, members: ['store-2'] };
/** Longer than a replica that is there takes. */
const LONG_MS = 400;

/** Promise: what is told to be durable is on a replica, whatever the server itself has told its client. */
describe.each(mysqlServersHere)('%s', (name) => {
  let primary: ReplicatingServer;
  let replica: ReplicatingServer;
  const { signal } = new AbortController();

  beforeAll(async () => {
    [primary, replica] = await Promise.all([startReplicating(name, 1), startReplicating(name, 2)]);
    await makeRepository(primary);
  });
  afterAll(() => Promise.all([primary?.stop(), replica?.stop()]));

  const letAcknowledge = (): Promise<void> => {
    const account = { user: roles.replication, password: PASSWORD };
    return attach(replica.sessions, { upstream: primary.endpoint, ...account, acknowledges: true }, signal);
  };

  beforeEach(async () => {
    await letAcknowledge();
    await requireAcknowledgements(primary.admin, 1);
  });

  const isPending = async (work: Promise<unknown>): Promise<boolean> => {
    const ended = settled(work).then(() => 'ended');
    return (await Promise.race([ended, pause(LONG_MS)])) !== 'ended';
  };

  async function waiting(): Promise<number | null> {
    const found = await primary.sql(
      "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for semi-sync ACK%'",
    );
    return found[0] === undefined ? null : Number(found[0].id);
  }

  /** A barrier that no replica answers. */
  async function begun(): Promise<{ readonly barrier: Promise<void>; readonly connection: MysqlConnection }> {
    await stopReceiver(replica.sessions, signal);
    const connection = await primary.asAgent();
    const barrier = writeBarrier({ connection, synchronous: one, signal });
    void settled(barrier);
    await expect.poll(waiting).toBe(connection.id);
    return { barrier, connection };
  }

  /** The same without the remedy: a COMMIT whose answer is believed. */
  async function committing(
    text: string,
  ): Promise<{ readonly commit: Promise<unknown>; readonly by: MysqlConnection }> {
    const by = await primary.asAgent();
    const commit = by.batch([{ name: 'naive', text }]);
    void settled(commit);
    return { commit, by };
  }

  const insert = 'INSERT INTO t (by_whom) VALUES (1)';
  const kill = (id: number): Promise<unknown> => primary.sql(`KILL QUERY ${id}`);

  test('waits for the replica', async () => {
    const { barrier } = await begun();
    expect(await isPending(barrier)).toBe(true);
    await letAcknowledge();
    await within(10_000, 'barrier', barrier);
  });

  test('a write that changes nothing would wait for nobody', async () => {
    await stopReceiver(replica.sessions, signal);
    const { commit } = await committing('UPDATE barrier SET n = n WHERE id = 1');
    await within(5_000, 'a write that changes nothing', commit);
  });

  test('is not taken in where semi-synchronous commits are switched off under it', async () => {
    const { barrier } = await begun();
    await requireAcknowledgements(primary.admin, 0);
    expect(await isPending(barrier)).toBe(true);
    await requireAcknowledgements(primary.admin, 1);
    expect(await isPending(barrier)).toBe(true);
    await letAcknowledge();
    await within(10_000, 'barrier', barrier);
  });

  test('a COMMIT that is believed is told OK then, and no replica has it', async () => {
    await stopReceiver(replica.sessions, signal);
    const { unacknowledged } = await readSemiSync(primary.admin);
    const { commit, by } = await committing(insert);
    await expect.poll(waiting).toBe(by.id);
    await requireAcknowledgements(primary.admin, 0);
    await commit;
    expect((await readSemiSync(primary.admin)).unacknowledged).toBeGreaterThan(unacknowledged);
  });

  test('is not taken in where somebody ends its COMMIT', async () => {
    const { barrier, connection } = await begun();
    await kill(connection.id);
    expect(await isPending(barrier)).toBe(true);
    await letAcknowledge();
    await within(10_000, 'barrier', barrier);
  });

  const whenEnded = name.startsWith('mariadb') ? 'is told OK when somebody ends it' : 'waits on when somebody ends it';
  test(`a COMMIT that is believed ${whenEnded}`, async () => {
    await stopReceiver(replica.sessions, signal);
    const { commit, by } = await committing(insert);
    await expect.poll(waiting).toBe(by.id);
    await kill(by.id);
    expect(await isPending(commit)).toBe(primary.kind === 'mysql');
    if (primary.kind === 'mysql') await letAcknowledge();
    await within(10_000, 'a COMMIT that was ended', commit);
    if (primary.kind === 'mysql') return;
    expect(await by.batch([{ name: 'warnings', text: 'SHOW WARNINGS' }])).toMatchObject([{ rows: [] }]);
  });

  test('requires no more than the server can wait for', async () => {
    const asking = requireAcknowledgements(primary.admin, 2);
    if (primary.kind === 'mariadb') return await expect(asking).rejects.toMatchObject({ code: 'TooManyRequired' });
    await asking;
    expect((await readSemiSync(primary.admin)).required).toBe(2);
    const { commit } = await committing(insert);
    expect(await isPending(commit)).toBe(true);
    await requireAcknowledgements(primary.admin, 1);
    await within(10_000, 'commit', commit);
  });

  test('stamps epochs in order, each with where the log stood', async () => {
    const connection = await primary.asAgent();
    const write = { connection, synchronous: one, signal };
    const stamped = (): Promise<readonly unknown[]> =>
      primary.sql('SELECT epoch, uid_gap, member, position FROM imap.repository_epoch ORDER BY epoch');
    await writeEpoch(write, { epoch: 1, uidGap: 0, member: 'store-1' });
    await writeEpoch(write, { epoch: 3, uidGap: 1000, member: 'store-2' });
    const rows = await stamped();
    expect(rows).toMatchObject([
      { epoch: 1, uid_gap: 0, member: 'store-1' },
      { epoch: 3, uid_gap: 1000, member: 'store-2' },
    ]);
    await writeEpoch(write, { epoch: 3, uidGap: 7, member: 'store-9' });
    expect(await stamped()).toEqual(rows);
    await expect(writeEpoch(write, { epoch: 2, uidGap: 0, member: 'store-1' })).rejects.toMatchObject({
      code: 'EpochPassed',
    });
    // Nothing is left open by the refusal.
    await writeBarrier(write);
  });

  test('stamps behind the transactions that began under the epoch before', async () => {
    const writer = await primary.asMail();
    await writer.batch([{ name: 'begin', text: 'START TRANSACTION' }, lockEpoch]);
    const connection = await primary.asAgent();
    const stamp = writeEpoch({ connection, synchronous: one, signal }, { epoch: 4, uidGap: 0, member: 'store-1' });
    void settled(stamp);
    expect(await isPending(stamp)).toBe(true);
    await writer.batch([
      { name: 'insert', text: insert },
      { name: 'commit', text: 'COMMIT' },
    ]);
    await stamp;
  });
});
