import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Observation } from '../observation.ts';
import { comparePosition, holdsPosition } from '../position.ts';
import { roles } from '../roles.ts';
import { failureOf } from './failure-of.ts';
import { type ObserveContext, observeServer } from './observe.ts';
import { awaitApplied } from './replication/applier.ts';
import { attach } from './replication/attach.ts';
import { attachment } from './replication/attachment.ts';
import { stopReceiver } from './replication/receiver.ts';
import { readReplicaStatus } from './replication/replica-status.ts';
import { requireAcknowledgements } from './replication/semi-sync.ts';
import { UpstreamSilence } from './replication/upstream-silence.ts';
import { wordsOf } from './replication/words.ts';
import { setDoor } from './sessions/door.ts';
import { writeEpoch } from './sessions/durable-write.ts';
import { greetServer } from './sessions/greet.ts';
import { letAllWrite, makeReadOnly } from './sessions/read-only.ts';
import {
  makeRepository,
  PASSWORD,
  type ReplicatingServer,
  startReplicating,
} from './test-support/replicating-server.ts';
import { mysqlServersHere } from './test-support/servers-here.ts';

/** Promise: what a report says of a server is so. */
describe.each(mysqlServersHere)('%s', (name) => {
  let primary: ReplicatingServer;
  let replica: ReplicatingServer;
  const { signal } = new AbortController();
  const silence = new UpstreamSilence();
  const synchronous = { required: 1, members: ['store-2'] };

  beforeAll(async () => {
    [primary, replica] = await Promise.all([startReplicating(name, 1), startReplicating(name, 2)]);
  });
  afterAll(() => Promise.all([primary?.stop(), replica?.stop()]));

  const follow = (): Promise<void> => {
    const account = { user: roles.replication, password: PASSWORD };
    return attach(replica.sessions, { upstream: primary.endpoint, ...account, acknowledges: true }, signal);
  };

  async function observe(server: ReplicatingServer, more: Partial<ObserveContext> = {}): Promise<Observation> {
    const upstream = server === replica ? { member: 'store-1', endpoint: primary.endpoint } : null;
    const connection = await server.asAgent();
    const known = { role: null, retainedBytes: 7, hasEpochs: true };
    const observation = await observeServer(connection, { upstream, synchronous, silence, ...known, ...more });
    connection.abandon();
    return observation;
  }

  test('a new primary, before and after its first stamp', async () => {
    await makeRepository(primary);
    await primary.sql('DROP TABLE imap.repository_epoch');
    const before = await observe(primary, { hasEpochs: false });
    expect(before).toMatchObject({ retainedBytes: 7, mailSessions: 0 });
    const nothing = { epoch: null, timeline: 0, systemIdentifier: '', upstream: null, standbys: [] };
    expect(before.replication).toMatchObject({
      role: 'primary',
      ...nothing,
      synchronous: { required: 0, members: [] },
    });

    await primary.sql('DROP DATABASE imap');
    await makeRepository(primary);
    const write = { connection: await primary.asAgent(), synchronous: { required: 0, members: [] }, signal };
    await writeEpoch(write, { epoch: 4, uidGap: 0, member: 'store-1' });
    const mail = await primary.asMail();
    const { replication, mailSessions } = await observe(primary);
    expect(mailSessions).toBe(1);
    expect(replication).toMatchObject({ role: 'primary', epoch: 4, timeline: 4 });
    expect(replication.systemIdentifier).toMatch(/^store-1 \d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/);
    expect(replication.received).toBe(replication.applied);
    expect(comparePosition(replication.received, before.replication.received)).toBeGreaterThan(0);
    mail.abandon();
  });

  test('both, once one follows the other', async () => {
    const isAttached = attachment((await observe(primary)).replication.received);
    await follow();
    await expect.poll(async () => isAttached(await observe(replica))).toBe(true);
    await requireAcknowledgements(primary.admin, 1);
    await primary.sql('INSERT INTO imap.t (by_whom) VALUES (1)');
    await expect
      .poll(async () => (await observe(replica)).replication.applied)
      .toBe((await observe(primary)).replication.applied);
    const [theirs, ours] = [(await observe(primary)).replication, (await observe(replica)).replication];
    expect(theirs.standbys).toEqual([{ member: 'store-2', streaming: true, synchronous: true, received: null }]);
    expect(theirs.synchronous).toEqual(synchronous);
    const upstream = { member: 'store-1', endpoint: primary.endpoint, streaming: true };
    const both = { systemIdentifier: theirs.systemIdentifier, epoch: 4, timeline: 4 };
    expect(ours).toMatchObject({ role: 'replica', ...both, upstream, standbys: [] });
  });

  test('a replica whose upstream hangs', async () => {
    process.kill(primary.pid, 'SIGSTOP');
    const silentMs = async (): Promise<number> => (await observe(replica)).replication.upstream?.silentMs ?? 0;
    await expect.poll(silentMs).toBeGreaterThan(1_200);
    process.kill(primary.pid, 'SIGCONT');
    await expect.poll(silentMs).toBeLessThan(600);
    await expect.poll(async () => (await observe(replica)).replication.upstream?.streaming).toBe(true);
  });

  test('a replica that has received more than it has applied, and then receives no more', async () => {
    await replica.sql(`STOP ${wordsOf[replica.kind].replica} SQL_THREAD`);
    await primary.sql('INSERT INTO imap.t (by_whom) VALUES (1)');
    const { applied } = (await observe(primary)).replication;
    await expect.poll(async () => holdsPosition((await observe(replica)).replication.received, applied)).toBe(true);
    expect(holdsPosition((await observe(replica)).replication.applied, applied)).toBe(false);
    await stopReceiver(replica.sessions, signal);
    await awaitApplied(replica.admin, signal);
    expect((await observe(replica)).replication).toMatchObject({
      applied,
      received: applied,
      upstream: { streaming: false, silentMs: null },
    });
    await follow();
  });

  test('fences, grants and replicas made of it write nothing to any log', async () => {
    const before = (await observe(replica)).replication.applied;
    for (let i = 0; i < 100; i += 1) {
      await setDoor(replica.admin, [roles.replication, roles.salvage]);
      await makeReadOnly(replica.sessions, { writers: i % 2 === 0 ? 'agent' : 'nobody' });
      await setDoor(replica.admin, [roles.replication, roles.mail, roles.salvage]);
      await letAllWrite(replica.admin);
    }
    await makeReadOnly(replica.sessions, { writers: 'nobody' });
    await setDoor(replica.admin, []);
    await expect(replica.asMail()).rejects.toMatchObject({ name: 'ServerError' });
    await setDoor(replica.admin, [roles.replication, roles.mail, roles.salvage]);
    expect((await observe(replica)).replication.applied).toBe(before);
    expect(await replica.sql('SELECT @@GLOBAL.read_only AS on_still')).toEqual([{ on_still: 1 }]);

    // The same without the remedy.
    await letAllWrite(replica.admin);
    await replica.sql(`ALTER USER '${roles.mail}'@'%' ACCOUNT UNLOCK`);
    expect(await replica.sql(ERRANT[replica.kind])).toEqual([{ errant: 1 }]);
  });

  const ERRANT = {
    mariadb:
      "SELECT FIND_IN_SET(@@GLOBAL.server_id, REGEXP_REPLACE(@@GLOBAL.gtid_binlog_state, '1-([0-9]+)-[0-9]+', '\\\\1')) > 0 AS errant",
    mysql: 'SELECT @@GLOBAL.gtid_executed LIKE CONCAT("%", @@GLOBAL.server_uuid, "%") AS errant'.replaceAll('"', "'"),
  };

  test('a server that makes every transaction read-only does not apply: that is no fence', async () => {
    const variable = name === 'mariadb-10.11' ? 'tx_read_only' : 'transaction_read_only';
    await replica.sql(`SET GLOBAL ${variable} = 1`);
    const { replica: word } = wordsOf[replica.kind];
    await replica.sql(`STOP ${word} SQL_THREAD`);
    await replica.sql(`START ${word} SQL_THREAD`);
    await requireAcknowledgements(primary.admin, 0);
    await primary.sql('INSERT INTO imap.t (by_whom) VALUES (1)');
    await expect.poll(async () => (await readReplicaStatus(replica.admin))?.applierFailure ?? null).not.toBeNull();
    expect((await readReplicaStatus(replica.admin))?.isApplying).toBe(false);
    await replica.sql(`SET GLOBAL ${variable} = 0`);
  });

  test('a greeting, and failures by what they are evidence of', async () => {
    const { host, port } = primary.endpoint;
    await greetServer(host, port, AbortSignal.timeout(5_000));
    process.kill(primary.pid, 'SIGSTOP');
    const late = greetServer(host, port, AbortSignal.timeout(300));
    await expect(late.catch(failureOf)).resolves.toBe('timeout');
    process.kill(primary.pid, 'SIGCONT');
    await expect(primary.sql('SELECT nothing').catch(failureOf)).resolves.toBe('sql');
    const session = await primary.asAgent();
    const cut = session.batch([{ name: 'sleep', text: 'SELECT SLEEP(30)' }]).catch(failureOf);
    process.kill(primary.pid, 'SIGKILL');
    await expect(cut).resolves.toBe('reset');
    // The kernel closes what a process had open one after the other: its sessions perhaps before what it listens on.
    await expect.poll(() => primary.asAgent().catch(failureOf)).toBe('refused');
    await expect(greetServer(host, port, AbortSignal.timeout(5_000)).catch(failureOf)).resolves.toBe('refused');
  });
});
