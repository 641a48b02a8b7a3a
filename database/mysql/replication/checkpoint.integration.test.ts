import { afterEach, describe, expect, test } from 'vitest';
import { settled } from '#runtime/settled.ts';
import { makeRepository, type ReplicatingServer, startReplicating } from '../test-support/replicating-server.ts';
import { mysqlServersHere } from '../test-support/servers-here.ts';
import { Checkpoints } from './checkpoint.ts';

/** Promise: a checkpoint writes out what is dirty, and leaves a server as it was, also where it does not come to its end. */
describe.each(mysqlServersHere)('%s', (name) => {
  let server: ReplicatingServer | null = null;
  afterEach(() => server?.stop());

  /** Slow to write out, with much to write. */
  async function busy(): Promise<ReplicatingServer> {
    server = await startReplicating(name, 1);
    await makeRepository(server);
    await server.sql(
      'SET GLOBAL innodb_max_dirty_pages_pct = 80, GLOBAL innodb_io_capacity = 100',
      'CREATE TABLE imap.big (id INT AUTO_INCREMENT PRIMARY KEY, data LONGBLOB)',
    );
    for (let i = 0; i < 8; i += 1) await server.sql("INSERT INTO imap.big (data) VALUES (REPEAT('x', 2000000))");
    return server;
  }

  const percent = async (of: ReplicatingServer): Promise<number> =>
    Number((await of.sql('SELECT @@GLOBAL.innodb_max_dirty_pages_pct AS percent'))[0]?.percent);
  const dirty = async (of: ReplicatingServer): Promise<number> =>
    Number((await of.sql("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'"))[0]?.Value);

  /** As the agent's pool has it: who fails, or runs out of time, loses his session. */
  const checkpointsOf = (of: ReplicatingServer): Checkpoints =>
    new Checkpoints(async (signal, use) => {
      const session = await of.asAdmin();
      const drop = (): void => session.abandon();
      signal.addEventListener('abort', drop);
      return await use(session).finally(drop);
    });

  test('in time', async () => {
    const of = await busy();
    expect(await dirty(of)).toBeGreaterThan(64);
    await of.sql('SET GLOBAL innodb_io_capacity = 2000');
    const checkpoints = checkpointsOf(of);
    const both = Promise.all([
      checkpoints.take(null, AbortSignal.timeout(30_000)),
      checkpoints.take(null, AbortSignal.timeout(30_000)),
    ]);
    await both;
    expect(await dirty(of)).toBeLessThanOrEqual(64);
    expect(await percent(of)).toBe(80);
  });

  test('out of time', async () => {
    const of = await busy();
    const life = new AbortController();
    const taken = checkpointsOf(of).take(null, life.signal);
    void settled(taken);
    await expect.poll(() => percent(of), { interval: 2 }).toBe(0);
    life.abort(new Error('out of time'));
    await expect(taken).rejects.toThrow();
    expect(await percent(of)).toBe(80);
  });
});
