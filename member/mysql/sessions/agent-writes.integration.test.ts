import { afterEach, describe, expect, test } from 'vitest';
import { attach } from '#database/mysql/replication/attach.ts';
import { readSemiSync, requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { type DurableWrite, writeBarrier } from '#database/mysql/sessions/durable-write.ts';
import {
  makeRepository,
  PASSWORD,
  type ReplicatingServer,
  startReplicating,
} from '#database/mysql/test-support/replicating-server.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { roles } from '#database/roles.ts';
import { pause, within } from '#runtime/deadline.ts';
import { settled } from '#runtime/settled.ts';
import { AgentWrites } from './agent-writes.ts';

/** Promise: what the agent writes, and nobody replies to, does not go unnoticed. */
describe.each(mysqlServersHere)('%s', (name) => {
  const servers: ReplicatingServer[] = [];
  afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.stop()))));

  const { signal } = new AbortController();

  async function pair(): Promise<readonly [ReplicatingServer, ReplicatingServer]> {
    const [primary, replica] = await Promise.all([startReplicating(name, 1), startReplicating(name, 2)]);
    servers.push(primary, replica);
    await makeRepository(primary);
    return [primary, replica];
  }

  const follow = (replica: ReplicatingServer, primary: ReplicatingServer, acknowledges: boolean): Promise<void> => {
    const account = { user: roles.replication, password: PASSWORD };
    return attach(replica.sessions, { upstream: primary.endpoint, ...account, acknowledges }, signal);
  };

  const writesTo = (server: ReplicatingServer): AgentWrites =>
    new AgentWrites({ database: 'imap', use: async (_, use) => use(await server.asAdmin()), vainMs: 0, stuckMs: 500 });

  const barriers = async (server: ReplicatingServer): Promise<number> =>
    Number((await server.sql('SELECT SUM(n) AS n FROM imap.barrier'))[0]?.n);

  test('a write for a set that there is no longer ends with who wanted it', async () => {
    const [primary] = await pair();
    const writes = writesTo(primary);
    const synchronous = { required: 1, members: ['store-2'] };
    const life = new AbortController();
    const write = writes.durably({ synchronous, signal: life.signal }, writeBarrier);
    void settled(write);
    await expect.poll(() => barriers(primary)).toBeGreaterThan(1);
    life.abort(new Error('nobody wants it any more'));
    await expect(write).rejects.toThrow();
    // What was on its way comes to its end.
    await pause(300);
    const written = await barriers(primary);
    await pause(400);
    expect(await barriers(primary)).toBe(written);
    const now = { required: 0, members: [] };
    await writes.durably({ synchronous: now, signal: AbortSignal.timeout(5_000) }, writeBarrier);
    expect(await barriers(primary)).toBe(written + 1);
  });

  test('of several that wait for there to be a replica one alone takes a session', async () => {
    const [primary] = await pair();
    await requireAcknowledgements(primary.admin, 1);
    let inUse = 0;
    let most = 0;
    const writes = new AgentWrites({
      database: 'imap',
      use: async (_, use) => {
        inUse += 1;
        most = Math.max(most, inUse);
        return await use(await primary.asAdmin()).finally(() => {
          inUse -= 1;
        });
      },
    });
    const order = { synchronous: { required: 1, members: ['store-2'] }, signal: AbortSignal.timeout(500) };
    const attempts = await Promise.allSettled([1, 2, 3].map(() => writes.durably(order, writeBarrier)));
    expect(attempts.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(most).toBe(1);
  });

  test('one whose reply was lost goes on by itself', async () => {
    const [primary, replica] = await pair();
    await follow(replica, primary, true);
    await requireAcknowledgements(primary.admin, 1);
    const replicas = async (): Promise<number> => (await readSemiSync(primary.admin)).replicas;
    const loseReply = async (write: DurableWrite): Promise<void> => {
      await follow(replica, primary, false);
      await expect.poll(replicas).toBe(0);
      const before = await barriers(replica);
      const written = writeBarrier(write);
      void settled(written);
      await expect.poll(() => barriers(replica)).toBe(before + 1);
      await follow(replica, primary, true);
      await expect.poll(replicas).toBe(1);
      await written;
    };
    const synchronous = { required: 1, members: ['store-2'] };
    const write = writesTo(primary).durably({ synchronous, signal: AbortSignal.timeout(20_000) }, loseReply);
    await within(15_000, 'the write', write);
  }, 30_000);

  test('commits whose replies were lost go on by a nudge; where there is no way for that it says so', async () => {
    const [primary, replica] = await pair();
    await primary.sql('SET GLOBAL sync_binlog = 1');
    const writes = writesTo(primary);
    /** Each waits behind the one before it. */
    const lose = async (count: number): Promise<{ readonly all: Promise<unknown> }> => {
      await follow(replica, primary, false);
      await expect.poll(() => rows(replica).catch(() => null)).toBe(await rows(primary));
      await requireAcknowledgements(primary.admin, 1);
      const before = await rows(replica);
      const commits: Promise<unknown>[] = [];
      for (let i = 1; i <= count; i += 1) {
        const session = await primary.asAgent();
        commits.push(session.batch([{ name: 'insert', text: 'INSERT INTO t (by_whom) VALUES (1)' }]));
        await expect.poll(() => rows(replica)).toBe(before + i);
      }
      await expect.poll(async () => (await readSemiSync(primary.admin)).replicas).toBe(0);
      await follow(replica, primary, true);
      await expect.poll(async () => (await readSemiSync(primary.admin)).replicas).toBe(1);
      return { all: Promise.all(commits) };
    };
    const { all: one } = await lose(1);
    expect(await writes.nudge(signal)).toBe('well');
    await within(5_000, 'the COMMIT', one);

    const { all: two } = await lose(2);
    void settled(two);
    expect(await writes.nudge(signal)).toBe('well');
    // MySQL sends what it has written, whatever waits before it.
    if (primary.kind === 'mysql') return void (await within(10_000, 'both', two));
    await expect.poll(() => writes.nudge(signal)).toBe('stuck');
    expect(await Promise.race([two.then(() => 'acknowledged'), pause(500)])).toBe('elapsed');
  });

  const rows = async (server: ReplicatingServer): Promise<number> =>
    Number((await server.sql('SELECT COUNT(*) AS n FROM imap.t'))[0]?.n);
});
