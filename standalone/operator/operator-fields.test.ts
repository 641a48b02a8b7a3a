import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MailboxPartition, MailboxPartitionSpec } from '#crds/mailbox-partition.ts';
import type { ClusterSpec } from '#operator/partition/partition-spec.ts';
import { loadManifests, type Manifests } from '../manifests/load-manifests.ts';
import { clusterSpec, planCluster } from '../plan.ts';
import { PortBook } from '../state/ports.ts';

// Promise: no field that is the operator's is dropped on the way to it. The types of the two tables make sure that a
// field which comes anew is tried here.

const failover: MailboxPartitionSpec['failover'] = {
  mode: 'Manual',
  probeInterval: '1s',
  failureThreshold: 7,
  maxLostSeconds: 60,
  delay: '10s',
  uidGap: 5_000_000,
};
const durability: MailboxPartitionSpec['durability'] = { mode: 'Async', whenDegraded: 'Async' };

let folder: string;
let manifests: Manifests;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fields-'));
  const file = join(import.meta.dirname, '../example/mail.yaml');
  const loaded = loadManifests([{ file, text: readFileSync(file, 'utf8') }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes));
  manifests = loaded.manifests;
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What the operator is told, with the spec of the first partition changed. */
async function told(change: Partial<MailboxPartitionSpec>): Promise<ClusterSpec> {
  const [first, ...others] = manifests.partitions;
  if (first === undefined) throw new Error('the example has no partition');
  const changed: MailboxPartition = { ...first, spec: { ...first.spec, ...change } };
  const book = await PortBook.open(join(folder, 'ports.json'), '127.0.0.1');
  return clusterSpec(await planCluster({ ...manifests, partitions: [changed, ...others] }, book));
}

const original = (): MailboxPartitionSpec => (manifests.partitions[0] as MailboxPartition).spec;

test.each(Object.entries(failover))('failover.%s', async (field, value) => {
  const changed = await told({ failover: { ...original().failover, [field]: value } });
  expect(changed).not.toEqual(await told({}));
});

test.each(Object.entries(durability))('durability.%s', async (field, value) => {
  const changed = await told({ durability: { ...original().durability, [field]: value } });
  expect(changed).not.toEqual(await told({}));
});

test('repository.managed.retainedLog', async () => {
  const { repository } = original();
  const managed = { ...repository.managed!, retainedLog: '5Gi' };
  const [partition] = (await told({ repository: { ...repository, managed } })).partitions;
  expect(partition?.retainedLogBytes).toBe(5 * 1_024 ** 3);
});

test('repository.tls', async () => {
  const { repository } = original();
  const tls = { ca: 'PEM', serverName: 'db.example.org' };
  const toldOf = async (mode: 'Verify' | 'Disabled') =>
    (await told({ repository: { ...repository, tls: { mode, ...tls } } })).partitions[0]?.tls;
  expect(await toldOf('Verify')).toEqual(tls);
  expect(await toldOf('Disabled')).toBeUndefined();
});

test('paused', async () => {
  expect(await told({ paused: true })).not.toEqual(await told({}));
});
