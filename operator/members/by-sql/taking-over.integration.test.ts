import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { roles } from '#database/roles.ts';
import { ExistingCluster } from '../../test-support/existing-cluster.ts';
import { ADMINISTRATOR, type ExistingServer, startExistingServers } from '../../test-support/existing-servers.ts';

/** Promise: whatever is amiss with servers that are to be taken over is said, by name, and nothing that works is harmed. */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;

const settingsOf = async ({ dataDirectory }: ExistingServer): Promise<string> =>
  await readFile(join(dataDirectory, 'postgresql.auto.conf'), 'utf8');

test('wrong credentials: said, and nothing is touched until they are right', { timeout: 120_000 }, async () => {
  const servers = await startExistingServers(['mail', 'mail', 'mail']);
  await using refused = new ExistingCluster(servers, quorum);
  const before = await Promise.all(servers.servers.map(settingsOf));
  const right = refused.credentials;
  refused.credentials = { ...right, ok: true, ...ADMINISTRATOR, password: 'wrong' } as typeof right;
  await refused.start();
  const amiss = () => refused.condition('MembersUsable');
  await refused.until(() => ['e0: ', 'e1: ', 'e2: '].every((name) => amiss()?.message.includes(name)));
  expect(amiss()).toMatchObject({ status: 'False', reason: 'CredentialsRefused' });
  expect(await Promise.all(servers.servers.map(settingsOf))).toEqual(before);

  refused.credentials = { ok: false, message: 'there is no Secret users-a-db' };
  await refused.until(() => amiss()?.reason === 'CredentialsMissing');
  refused.credentials = right;
  await refused.until((record) => record.phase === 'Healthy');
});

test('replicas that cannot stream in our way go on streaming in theirs', { timeout: 120_000 }, async () => {
  const servers = await startExistingServers(['mail', 'mail', 'mail'], { refused: roles.replication });
  await using refused = await new ExistingCluster(servers, quorum).start();
  await refused.until(() => refused.condition('MembersUsable')?.reason === 'ReplicationRefused');
  expect(refused.condition('MembersUsable')?.message).toMatch(/^e1: it does not stream from e0 .*pg_hba\.conf/);
  const [one] = await servers.ask(servers.server('e1'), 'SHOW default_transaction_read_only');
  expect(one).toEqual({ default_transaction_read_only: 'off' });
  const streams = () => servers.ask(servers.server('e0'), 'SELECT usename FROM pg_stat_replication');
  await expect.poll(streams).toEqual([{ usename: ADMINISTRATOR.username }, { usename: ADMINISTRATOR.username }]);
});

test('a server of another repository is named and left alone, and the others serve', { timeout: 120_000 }, async () => {
  const servers = await startExistingServers(['mail', 'mail', 'other']);
  await using mixed = new ExistingCluster(servers, quorum);
  const stranger = servers.server('e2');
  const before = await settingsOf(stranger);
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
  expect(await settingsOf(stranger)).toBe(before);
});
