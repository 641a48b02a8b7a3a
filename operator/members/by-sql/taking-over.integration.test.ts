import { describe, expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { ExistingCluster } from '../../test-support/existing-cluster.ts';
import { ADMINISTRATOR } from '../../test-support/existing-servers.ts';
import { startExisting } from '../../test-support/start-existing.ts';

/** Promise: whatever is amiss with servers that are to be taken over is said, by name, and nothing that works is harmed. */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;

describe.each(enginesUnderTest)('%s', (engine) => {
  test('wrong credentials: said, and nothing is touched until they are right', { timeout: 120_000 }, async () => {
    const servers = await startExisting(engine, ['mail', 'mail', 'mail']);
    await using refused = new ExistingCluster(servers, quorum);
    const before = await Promise.all(servers.servers.map((server) => servers.told(server)));
    const right = refused.credentials;
    refused.credentials = { ...right, ok: true, ...ADMINISTRATOR, password: 'wrong' } as typeof right;
    await refused.start();
    const amiss = () => refused.condition('MembersUsable');
    await refused.until(() => ['e0: ', 'e1: ', 'e2: '].every((name) => amiss()?.message.includes(name)));
    expect(amiss()).toMatchObject({ status: 'False', reason: 'CredentialsRefused' });
    expect(await Promise.all(servers.servers.map((server) => servers.told(server)))).toEqual(before);

    refused.credentials = { ok: false, message: 'there is no Secret users-a-db' };
    await refused.until(() => amiss()?.reason === 'CredentialsMissing');
    refused.credentials = right;
    await refused.until((record) => record.phase === 'Healthy');
  });

  test('a server of another repository is named and left alone, and the others serve', {
    timeout: 120_000,
  }, async () => {
    const servers = await startExisting(engine, ['mail', 'mail', 'other']);
    await using mixed = new ExistingCluster(servers, quorum);
    const stranger = servers.server('e2');
    const before = await servers.told(stranger);
    await mixed.start();
    const isServed = (): boolean => mixed.condition('Ready')?.status === 'True';
    const isRead = (): boolean => mixed.record.target?.readers.includes(memberName('e1')) === true;
    await mixed.until(() => isServed() && isRead() && mixed.condition('RejoinNeeded')?.status === 'True');
    expect(mixed.condition('MembersUsable')).toMatchObject({
      reason: 'WrongRepository',
      message: expect.stringMatching(/^e2/),
    });
    expect(mixed.condition('RejoinNeeded')?.message).toMatch(/^e2 .*another repository/);
    expect(mixed.record.target).toMatchObject({ writer: 'e0', readers: ['e1'] });
    expect(await servers.told(stranger)).toBe(before);
  });
});
