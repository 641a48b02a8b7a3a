import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { credentialsSecret } from '../../cluster/credentials-secret.ts';
import { testCluster } from '../../cluster/test-support/imapd-input.ts';
import { testPartition } from '../../partition/objects/test-support/member-input.ts';
import type { Events } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { secrets } from '../api/resource.ts';
import { connect } from '../test-support/connect.ts';
import { ensurePartitionCredentials, ROTATE_CREDENTIALS_ANNOTATION } from './ensure-partition-credentials.ts';

// Promise: the passwords in a database's data are made once, and are neither lost nor replaced after that, unless somebody
// asks for it; then stage by stage, each told once.

let server: ApiServer;
let client: ApiClient;
beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server?.stop());

const GRACE = 120_000;
let now = 1_000_000;
const told: string[] = [];
const events: Events = { emit: ({ code, partition: name }) => told.push(`${name} ${code}`) };
const ensure = async (of: MailboxPartition) =>
  await ensurePartitionCredentials({ client, clock: { now: () => now }, events, graceMs: GRACE, whole: true }, of);

const partition = (name: string, managed: object = {}, request: string | null = null): MailboxPartition => {
  const made = testPartition(managed, name);
  const annotations = request === null ? {} : { [ROTATE_CREDENTIALS_ANNOTATION]: request };
  return { ...made, metadata: { ...made.metadata, namespace: 'default', uid: `uid-${name}`, annotations } };
};
const secret = async (name: string) => await client.get(secrets, { namespace: 'default', name });
const text = (data: Readonly<Record<string, string>> | undefined, file: string): unknown =>
  JSON.parse(Buffer.from(data?.[file] ?? '', 'base64').toString());

test('made once, also by two at the same time, and kept as they are', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => ensure(partition('a'))));
  expect(first).toEqual(second);
  expect(new Set(Object.values(first?.passwords ?? {})).size).toBe(4);
  const before = await secret('a-credentials');
  expect(await ensure(partition('a'))).toEqual(first);
  expect((await secret('a-credentials'))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
  expect(text(before?.data, 'mail.json')).toEqual({ user: 'imapcluster_mail', password: first?.passwords.mail });
});

test('they go with the partition where the volumes go, and stay the same when that changes', async () => {
  const passwords = await ensure(partition('b'));
  expect((await secret('b-credentials'))?.metadata.ownerReferences).toBeUndefined();
  expect(await ensure(partition('b', { reclaim: 'Delete' }))).toEqual(passwords);
  expect((await secret('b-credentials'))?.metadata.ownerReferences).toMatchObject([{ uid: 'uid-b' }]);
  expect(await ensure(partition('b'))).toEqual(passwords);
  expect((await secret('b-credentials'))?.metadata.ownerReferences).toBeUndefined();
});

test('damaged, they are not made anew: the databases have the old ones', async () => {
  await ensure(partition('c'));
  const found = await secret('c-credentials');
  if (found === null) throw new Error('it should be there');
  await client.replace(secrets, { ...found, data: { 'passwords.json': 'e30=' } });
  await expect(ensure(partition('c'))).rejects.toThrow(/c-credentials: passwords.json is missing or damaged/);
  expect((await secret('c-credentials'))?.data).toEqual({ 'passwords.json': 'e30=' });
});

test('restored from a backup without labels, they are the same, and get their labels back', async () => {
  const made = await ensure(partition('restored'));
  const found = await secret('restored-credentials');
  if (found === null) throw new Error('it should be there');
  const { labels, ...metadata } = found.metadata;
  await client.replace(secrets, { ...found, metadata: { ...metadata, labels: { backup: 'monday' } } });
  expect(await ensure(partition('restored'))).toEqual(made);
  expect((await secret('restored-credentials'))?.metadata.labels).toEqual({ ...labels, backup: 'monday' });
});

test('a Secret of the name that is not of the partition is named, and left alone', async () => {
  const data = { 'users-a.json': 'e30=' };
  const theirs = { metadata: { namespace: 'default', name: 'theirs-credentials' }, data };
  await client.create(secrets, theirs);
  const cluster = { ...testCluster({}, 'mail').metadata, namespace: 'default', uid: 'uid-mail' };
  await client.create(secrets, credentialsSecret({ ...testCluster({}, 'mail'), metadata: cluster }, new Map()));
  const before = await secret('mail-imapd-credentials');
  await expect(ensure(partition('theirs'))).rejects.toThrow("theirs-credentials is not the operator's");
  await expect(ensure(partition('mail-imapd'))).rejects.toThrow('belongs to ImapCluster mail');
  expect((await secret('theirs-credentials'))?.data).toEqual(data);
  expect(await secret('mail-imapd-credentials')).toEqual(before);
});

test('a file that somebody took away is put back from the others', async () => {
  const { passwords } = await ensure(partition('d'));
  const found = await secret('d-credentials');
  if (found === null) throw new Error('it should be there');
  const { 'mail.json': _, ...rest } = found.data ?? {};
  await client.replace(secrets, { ...found, data: rest });
  await ensure(partition('d'));
  expect(text((await secret('d-credentials'))?.data, 'mail.json')).toMatchObject({ password: passwords.mail });
});

test('on request: known to everybody first, in force a grace later, and both passwords for whoever signs in', async () => {
  const { passwords: old } = await ensure(partition('e'));
  const asked = partition('e', {}, 'please');
  const announced = await ensure(asked);
  expect(announced).toEqual({ passwords: old, againInMs: GRACE });
  const during = (await secret('e-credentials'))?.data;
  const { next, ...current } = text(during, 'passwords.json') as { readonly next: typeof old };
  expect(current).toEqual(old);
  expect(text(during, 'mail.json')).toEqual({ user: 'imapcluster_mail', password: old.mail, otherPassword: next.mail });
  now += GRACE - 1;
  expect(await ensure(asked)).toEqual({ passwords: old, againInMs: 1 });
  expect((await secret('e-credentials'))?.data).toEqual(during);
  now += 1;
  expect(await ensure(asked)).toEqual({ passwords: next, againInMs: null });
  const { data, metadata } = (await secret('e-credentials')) ?? {};
  expect(text(data, 'passwords.json')).toEqual({ ...next, previous: old });
  expect(text(data, 'salvage.json')).toMatchObject({ password: next.salvage, otherPassword: old.salvage });
  now += 10 * GRACE;
  expect(await ensure(asked)).toEqual({ passwords: next, againInMs: null });
  expect(await ensure(partition('e'))).toEqual({ passwords: next, againInMs: null });
  expect((await secret('e-credentials'))?.metadata.resourceVersion).toBe(metadata?.resourceVersion);
  expect(told.filter((line) => line.startsWith('e '))).toEqual(['e PasswordsAnnounced', 'e PasswordsInForce']);
});

test('of two operators one takes each step, and tells of it', async () => {
  const { passwords: old } = await ensure(partition('f'));
  const asked = partition('f', {}, 'please');
  const [first, second] = await Promise.all([ensure(asked), ensure(asked)]);
  expect(first).toEqual(second);
  now += GRACE;
  const [third, fourth] = await Promise.all([ensure(asked), ensure(asked)]);
  expect(third).toEqual(fourth);
  expect(third?.passwords).not.toEqual(old);
  expect(told.filter((line) => line.startsWith('f '))).toEqual(['f PasswordsAnnounced', 'f PasswordsInForce']);
});

test('passwords that are fresh are not replaced, whatever was asked for before they were made', async () => {
  const asked = partition('g', {}, 'once');
  const { passwords } = await ensure(asked);
  expect(await ensure(asked)).toEqual({ passwords, againInMs: null });
  expect(await ensure(partition('g', {}, 'again'))).toEqual({ passwords, againInMs: GRACE });
});

test('without its note a replacement takes its grace anew, and ends', async () => {
  await ensure(partition('h'));
  const asked = partition('h', {}, 'please');
  await ensure(asked);
  const found = await secret('h-credentials');
  if (found === null) throw new Error('it should be there');
  await client.replace(secrets, { ...found, data: { ...found.data, 'replacement.json': 'bm9uc2Vuc2U=' } });
  now += GRACE;
  const { passwords: old } = await ensure(partition('h'));
  now += GRACE;
  expect((await ensure(partition('h'))).passwords).not.toEqual(old);
});
