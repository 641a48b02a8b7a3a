import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { testCluster } from '../../cluster/test-support/imapd-input.ts';
import type { OperatorEvent } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { secrets } from '../api/resource.ts';
import { connect } from '../test-support/connect.ts';
import { ClusterKeys, ROTATE_ANNOTATION } from './cluster-keys.ts';

// Promise: keys are made once; whoever signs, everybody has known that key for a while; and no restart forgets a rotation.

let server: ApiServer;
let client: ApiClient;
beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server?.stop());

const GRACE = 120_000;
let now: number;
let count = 0;
let name: string;
let events: OperatorEvent[];
beforeEach(() => {
  count += 1;
  name = `mail-${count}`;
  now = 1_790_000_000_000;
  events = [];
});

const clock = { now: () => now, monotonic: () => now, sleep: async () => 'elapsed' as const };
const keysOf = () =>
  new ClusterKeys({ client, clock, events: { emit: (event) => events.push(event) }, graceMs: GRACE });
function cluster(rotate?: string): ImapCluster {
  const { metadata, ...rest } = testCluster({}, name);
  const annotations = rotate === undefined ? {} : { annotations: { [ROTATE_ANNOTATION]: rotate } };
  return { ...rest, metadata: { ...metadata, namespace: 'default', ...annotations } };
}
const secretOf = async (suffix: string) => {
  const found = await client.get(secrets, { namespace: 'default', name: `${name}-${suffix}` });
  if (found === null) throw new Error(`there is no Secret ${suffix}`);
  return found;
};
const ids = (keys: ClusterKeys) => keys.publicKeys.map(({ kid }) => kid);
const signer = async (keys: ClusterKeys) => (await keys.keys.signing()).kid;

test('made once, read by every operator after that, owned by the cluster', async () => {
  const first = keysOf();
  expect(await first.settle(cluster())).toEqual({ changed: true, againInMs: null });
  expect(await first.settle(cluster())).toEqual({ changed: false, againInMs: null });
  const second = keysOf();
  await second.settle(cluster());
  expect([second.publicKeys, second.adminToken, second.agentToken]).toEqual([
    first.publicKeys,
    first.adminToken,
    first.agentToken,
  ]);
  expect(await second.keys.signing()).toEqual(await first.keys.signing());
  expect(first.adminToken).not.toBe(first.agentToken);
  for (const suffix of ['keys', 'admin'])
    expect((await secretOf(suffix)).metadata.ownerReferences).toMatchObject([{ kind: 'ImapCluster', name }]);
});

test('restored from a backup without labels both Secrets are the same, and get their labels back; with those of others they do not', async () => {
  const first = keysOf();
  await first.settle(cluster());
  const { labels } = (await secretOf('keys')).metadata;
  const strip = async (suffix: string, left: Readonly<Record<string, string>>): Promise<void> => {
    const found = await secretOf(suffix);
    await client.replace(secrets, { ...found, metadata: { ...found.metadata, labels: left } });
  };
  const theirs = { 'app.kubernetes.io/managed-by': 'Helm' };
  await strip('keys', { backup: 'monday' });
  await strip('admin', theirs);
  const second = keysOf();
  await second.settle(cluster());
  expect([second.publicKeys, second.adminToken]).toEqual([first.publicKeys, first.adminToken]);
  expect((await secretOf('keys')).metadata.labels).toEqual({ ...labels, backup: 'monday' });
  expect((await secretOf('admin')).metadata.labels).toEqual(theirs);
  // With somebody who takes them away again nobody argues.
  await strip('keys', {});
  await second.settle(cluster());
  expect((await secretOf('keys')).metadata.labels).toBeUndefined();
});

test('of two operators that start at once both have the same keys in the end', async () => {
  const both = [keysOf(), keysOf()];
  await Promise.all(both.map((keys) => keys.settle(cluster())));
  const [first, second] = both.map((keys) => [keys.publicKeys, keys.adminToken, keys.agentToken]);
  expect(first).toEqual(second);
});

test('the secret of SCRAM outlives the admin token; in a cluster of before it is the token of then', async () => {
  const first = keysOf();
  await first.settle(cluster());
  const { scramSecret, adminToken } = first;
  expect(scramSecret).not.toBe(adminToken);
  await client.delete(secrets, { namespace: 'default', name: `${name}-admin` });
  const second = keysOf();
  await second.settle(cluster());
  expect(second.adminToken).not.toBe(adminToken);
  expect(second.scramSecret).toBe(scramSecret);
  const { data = {}, ...rest } = await secretOf('keys');
  const { 'scram-secret': _, ...before } = data;
  await client.replace(secrets, { ...rest, data: before });
  const third = keysOf();
  expect(await third.settle(cluster())).toMatchObject({ againInMs: 0 });
  expect(third.scramSecret).toBe(second.adminToken);
  await client.delete(secrets, { namespace: 'default', name: `${name}-admin` });
  const fourth = keysOf();
  await fourth.settle(cluster());
  expect([fourth.scramSecret, fourth.adminToken === second.adminToken]).toEqual([second.adminToken, false]);
});

test('a rotation, with a new operator at every stage, for which the grace counts anew', async () => {
  let keys = keysOf();
  await keys.settle(cluster());
  const [old] = ids(keys);
  const next = async () => {
    keys = keysOf();
    return await keys.settle(cluster('once'));
  };
  expect((await next()).againInMs).toBe(GRACE);
  const [, fresh] = ids(keys);
  expect([ids(keys), await signer(keys)]).toEqual([[old, fresh], old]);
  now += GRACE - 1;
  expect((await next()).againInMs).toBe(GRACE);
  now += GRACE - 1;
  expect((await keys.settle(cluster('once'))).againInMs).toBe(1);
  expect(await signer(keys)).toBe(old);
  now += 1;
  expect((await keys.settle(cluster('once'))).againInMs).toBe(GRACE);
  expect([ids(keys), await signer(keys)]).toEqual([[fresh, old], fresh]);
  expect((await next()).againInMs).toBe(GRACE);
  now += GRACE;
  await keys.settle(cluster('once'));
  expect([ids(keys), await signer(keys)]).toEqual([[fresh], fresh]);
  expect(await next()).toMatchObject({ againInMs: null });
  expect(events).toMatchObject([{ code: 'SigningKeyRotated', fields: { key: fresh } }]);
  expect(Object.keys((await secretOf('keys')).data ?? {}).toSorted()).toEqual([
    'agent-token',
    'rotation.json',
    'scram-secret',
    'signing.json',
  ]);
});

test('while it may not go on no step is taken, and no grace counts', async () => {
  const keys = keysOf();
  await keys.settle(cluster());
  const [old] = ids(keys);
  let isPaused = true;
  let known: string | null = null;
  const settle = async () =>
    await keys.settle(cluster('once'), (next) => !isPaused && (next === null || next === known));
  expect(await settle()).toEqual({ changed: false, againInMs: null });
  isPaused = false;
  await settle();
  expect(keys.next).toBe(ids(keys)[1]);
  now += GRACE;
  expect(await settle()).toEqual({ changed: false, againInMs: null });
  known = keys.next;
  expect((await settle()).againInMs).toBe(GRACE);
  now += GRACE - 1;
  isPaused = true;
  await settle();
  now += GRACE;
  isPaused = false;
  expect((await settle()).againInMs).toBe(GRACE);
  expect(await signer(keys)).toBe(old);
  now += GRACE;
  await settle();
  expect(await signer(keys)).toBe(known);
  isPaused = true;
  now += GRACE;
  await settle();
  expect(ids(keys)).toEqual([known, old]);
  isPaused = false;
  await settle();
  now += GRACE;
  await settle();
  expect(ids(keys)).toEqual([known]);
});

test('each step says that something has changed, and nothing else does', async () => {
  const keys = keysOf();
  await keys.settle(cluster());
  const changes: boolean[] = [];
  for (const wait of [0, 0, GRACE, 0, GRACE, 0]) {
    now += wait;
    changes.push((await keys.settle(cluster('once'))).changed);
  }
  expect(changes).toEqual([true, false, true, false, true, false]);
});

test('where the clock is put back, the grace counts from then', async () => {
  const keys = keysOf();
  await keys.settle(cluster());
  await keys.settle(cluster('once'));
  now -= 24 * 60 * 60_000;
  expect(await keys.settle(cluster('once'))).toEqual({ changed: false, againInMs: GRACE });
  now += GRACE;
  expect(await keys.settle(cluster('once'))).toMatchObject({ changed: true });
});

test('fresh keys are not rotated because somebody once asked for it', async () => {
  const keys = keysOf();
  expect(await keys.settle(cluster('long ago'))).toEqual({ changed: true, againInMs: null });
  expect(keys.publicKeys).toHaveLength(1);
});

test('deleted by mistake, the keys come back as they were; the token for people is a new one', async () => {
  const keys = keysOf();
  await keys.settle(cluster());
  const { publicKeys, adminToken, agentToken } = keys;
  for (const suffix of ['keys', 'admin'])
    await client.delete(secrets, { namespace: 'default', name: `${name}-${suffix}` });
  expect(await keys.settle(cluster())).toMatchObject({ changed: true });
  expect([keys.publicKeys, keys.agentToken]).toEqual([publicKeys, agentToken]);
  expect(keys.adminToken).not.toBe(adminToken);
});

test('damaged, they are neither used nor written over', async () => {
  await keysOf().settle(cluster());
  const secret = await secretOf('keys');
  await client.replace(secrets, { ...secret, data: { ...secret.data, 'signing.json': 'e30=' } });
  const before = (await secretOf('keys')).metadata.resourceVersion;
  await expect(keysOf().settle(cluster('now'))).rejects.toThrow(/keys: signing.json is damaged: put back/);
  expect((await secretOf('keys')).metadata.resourceVersion).toBe(before);
  const admin = await secretOf('admin');
  await client.replace(secrets, { ...admin, data: { token: 'YWJj' } });
  await expect(keysOf().settle(cluster())).rejects.toThrow(/admin: token is missing or too short/);
});
