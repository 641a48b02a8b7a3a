import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mysqlServersHereOf } from '#database/mysql/test-support/servers-here.ts';
import { settled } from '#runtime/settled.ts';
import { administer, throwLogAway } from '../../test-support/administer.ts';
import { askAs, openAs } from '../../test-support/connect-as.ts';
import type { RunningMember } from '../../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../../test-support/start-repository.ts';

/**
 * Promise: a primary whose only replica is lost for good gets a new one by a copy of itself, although its commits wait for a replica, and
 * the copy for those commits. What waited is told to nobody before it is on the new replica.
 */
const servers = mysqlServersHereOf((name) => name === 'mysql-9.7');
const TEST_MS = 240_000;

describe.skipIf(servers.length === 0).each(servers)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Quorum', engine });
    [primary, replica] = running.members as [RunningMember, RunningMember];
    await ask(primary, 'CREATE TABLE t (id INT PRIMARY KEY)');
    await throwLogAway(primary, running);
  }, TEST_MS);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const copy = () => {
    const from = { member: primary.name, endpoint: { ...primary.endpoint } };
    return replica.client.send(1, { kind: 'clone', from, wipe: true });
  };
  const waiting = async () => {
    const [row] = await ask(primary, "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_source_wait_sessions'");
    return Number(row?.Value);
  };

  test('commits and the copy wait for each other; the primary is ended, copied shut, and opened again', {
    timeout: TEST_MS,
  }, async () => {
    await replica.client.order(1, { kind: 'stop', mode: 'kill' });
    const writer = await openAs('mail', primary, running);
    const insert = writer.query('INSERT INTO t VALUES (1)').then(
      () => 'acknowledged',
      () => 'lost',
    );
    await expect.poll(waiting).toBe(1);
    const held = copy();
    await replica.client.until(({ activity }) => activity?.name === 'cloning', 60_000);
    await primary.client.until(({ grantedEpoch, state }) => grantedEpoch === null && state === 'running', 120_000);
    expect(primary.agentLog()).toContain('CopyHeldUp');
    expect(await insert).toBe('lost');
    expect(await held).toMatchObject({ status: 500 });
    // As the operator does it, who wants both: the grant is tried while the copy is made.
    const granted = primary.client.send(1, { kind: 'grant' });
    void settled(granted);
    expect(await copy()).toMatchObject({ status: 200 });
    expect(await granted).toMatchObject({ status: 200 });
    await ask(primary, 'INSERT INTO t VALUES (2)');
    for (const member of running.members) {
      await expect
        .poll(() => ask(member, 'SELECT id FROM t ORDER BY id').catch(String))
        .toEqual([{ id: 1 }, { id: 2 }]);
    }
    expect(await administer(primary, running, 'SELECT @@server_uuid AS uuid')).not.toEqual(
      await administer(replica, running, 'SELECT @@server_uuid AS uuid'),
    );
  });
});
