import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { ServerCertificates } from '#database/test-support/server-certificates.ts';
import { pause } from '#runtime/deadline.ts';
import { ExistingCluster } from '../../test-support/existing-cluster.ts';
import type { ExistingServer } from '../../test-support/existing-servers.ts';
import { startExisting } from '../../test-support/start-existing.ts';

/**
 * Promise: servers that do not prove who they are are told nothing, no password either, and are named; nobody is deposed for it, and
 * with the right authority in the manifest all goes on.
 */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;
/** Long enough for a failover, which takes three probes. */
const WELL_OVER_A_FAILOVER_MS = 3_000;

describe.each(enginesUnderTest)('%s', (engine) => {
  let ours: ServerCertificates;
  let strangers: ServerCertificates;

  beforeAll(async () => {
    [ours, strangers] = await Promise.all([ServerCertificates.create(), ServerCertificates.create()]);
  });
  afterAll(async () => {
    await ours?.[Symbol.asyncDispose]();
    await strangers?.[Symbol.asyncDispose]();
  });

  test('of another authority: not touched, named, and taken over once the authority is right', {
    timeout: 120_000,
  }, async () => {
    const servers = await startExisting(engine, ['mail', 'mail', 'mail'], { certificate: await ours.issue() });
    await using cluster = new ExistingCluster(servers, quorum);
    const told = () => Promise.all(servers.servers.map((server) => servers.told(server)));
    const before = await told();
    const amiss = () => cluster.condition('MembersUsable');
    const allAreNamed = (): boolean => ['e0: ', 'e1: ', 'e2: '].every((name) => amiss()?.message.includes(name));
    cluster.tls = { ca: strangers.ca };
    await cluster.start();
    await cluster.until(allAreNamed);
    expect(amiss()).toMatchObject({ status: 'False', reason: 'NotVerified' });
    expect(amiss()?.message).toMatch(/e0: the certificate of the server is of no authority that is known/);
    expect(await told()).toEqual(before);

    cluster.tls = { ca: ours.ca };
    await cluster.tellAgain();
    await cluster.until((record) => record.phase === 'Healthy');
    for (const replica of servers.servers.slice(1)) expect(await isEncrypted(replica)).toBe(true);
    expect(cluster.record).toMatchObject({ primary: 'e0', epoch: 1 });

    // A name that no certificate has, of servers that serve.
    cluster.tls = { ca: ours.ca, serverName: 'other.example' };
    await cluster.tellAgain();
    await cluster.until(allAreNamed);
    expect(amiss()?.message).toMatch(/another name.*other.example/);
    await pause(WELL_OVER_A_FAILOVER_MS);
    expect(cluster.record).toMatchObject({ primary: 'e0', epoch: 1, operation: null, lastChange: null });
    cluster.tls = { ca: ours.ca, serverName: 'database.example' };
    await cluster.tellAgain();
    await cluster.until((record) => record.phase === 'Healthy' && amiss()?.reason === 'Usable');
    expect(cluster.record).toMatchObject({ primary: 'e0', epoch: 1, lastChange: null });

    /** Whether a replica streams over TLS, by its own settings. */
    async function isEncrypted(replica: ExistingServer): Promise<boolean> {
      if (engine === 'postgresql') return (await servers.told(replica)).includes("sslmode=''require''");
      const statement = servers.engine === 'mysql' ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS';
      const [status] = await servers.ask(replica, statement);
      return (status?.Source_SSL_Allowed ?? status?.Master_SSL_Allowed) === 'Yes';
    }
  });

  test('that speak no TLS: named, and not touched', { timeout: 120_000 }, async () => {
    const lines = [engine.startsWith('mysql') ? 'tls_version=' : 'ssl=0'];
    // Each alone: a replica of MySQL would not follow such a primary.
    const servers = await startExisting(engine, ['a', 'b', 'c'], { lines });
    await using cluster = new ExistingCluster(servers, quorum);
    cluster.tls = { ca: ours.ca };
    await cluster.start();
    await cluster.until(
      () => cluster.condition('MembersUsable')?.message.includes('e0: the server speaks no TLS') === true,
    );
    expect(cluster.condition('MembersUsable')).toMatchObject({ status: 'False', reason: 'NotVerified' });
  });
});
