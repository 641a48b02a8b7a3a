import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { pause } from '#runtime/deadline.ts';
import { askAs } from '../test-support/connect-as.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

/**
 * Promise: a primary that is stopped in order has sent its replicas all it has, also what nobody had to acknowledge, so that one of them
 * can take over with everything; and where that is so already it does not wait for anybody, as all mail waits for it.
 */
const servers = mysqlServersHere.filter((name) => name === 'mariadb-10.11' || name === 'mysql-9.7');
/** It takes 0.3 s, and MySQL took 3 s. A busy machine gets slack. */
const STOP_MS = 2_000;
const MEBIBYTE = 1_024 ** 2;

describe.skipIf(servers.length === 0).each(servers)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Async', engine });
    [primary, replica] = running.members as [RunningMember, RunningMember];
    await ask(primary, 'CREATE TABLE t (id INT PRIMARY KEY, body MEDIUMTEXT)');
  }, 120_000);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const ids = () => ask(replica, 'SELECT id FROM t ORDER BY id').catch(String);

  test('it has sent what a replica had no time for', async () => {
    await ask(primary, "INSERT INTO t VALUES (0, '')");
    await expect.poll(ids).toEqual([{ id: 0 }]);
    const { serverPid } = await replica.client.status();
    process.kill(serverPid ?? 0, 'SIGSTOP');
    // More than sockets take.
    for (let id = 1; id <= 16; id += 1) await ask(primary, `INSERT INTO t VALUES (${id}, REPEAT('x', ${MEBIBYTE}))`);
    const stopped = primary.client.order(1, { kind: 'stop', mode: 'fast' });
    await pause(200);
    process.kill(serverPid ?? 0, 'SIGCONT');
    await stopped;
    await replica.client.order(1, { kind: 'detach' });
    await replica.client.order(1, { kind: 'catchUp' });
    expect(await ids()).toEqual(Array.from({ length: 17 }, (_, id) => ({ id })));
  }, 60_000);

  test('whoever has been sent everything does not hold it up, and follows again', async () => {
    await primary.client.order(1, { kind: 'grant' });
    const upstream = { member: primary.name, endpoint: { ...primary.endpoint } };
    await replica.client.order(1, { kind: 'follow', upstream });
    await primary.client.until(({ replication }) => replication?.standbys.some(({ streaming }) => streaming) === true);
    const began = performance.now();
    await primary.client.order(1, { kind: 'stop', mode: 'fast' });
    expect(performance.now() - began).toBeLessThan(STOP_MS);
    await primary.client.order(1, { kind: 'grant' });
    await ask(primary, "INSERT INTO t VALUES (17, '')");
    await expect.poll(async () => (await ids()).at(-1)).toEqual({ id: 17 });
  }, 60_000);
});
