import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadManifests, type Manifests } from './manifests/load-manifests.ts';
import { clusterSpec, planCluster } from './plan.ts';
import { scrapeTargets } from './scrape-targets.ts';
import { PortBook } from './state/ports.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function manifests(edit: (text: string) => string = (text) => text): Manifests {
  const file = join(import.meta.dirname, 'example/mail.yaml');
  const loaded = loadManifests([{ file, text: edit(readFileSync(file, 'utf8')) }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes));
  return loaded.manifests;
}
const book = (): Promise<PortBook> => PortBook.open(join(folder, 'ports.json'), '127.0.0.1');

test('every process has a port of its own, the same at the next start', async () => {
  const plan = await planCluster(manifests(), await book());
  expect(plan.pods.map(({ name }) => name)).toEqual(['imapd-0', 'imapd-1']);
  const members = plan.partitions.flatMap((partition) => partition.members);
  expect(members.map(({ name }) => name)).toEqual(['users-a-0', 'users-a-1', 'users-a-2', 'users-b-0', 'users-b-1']);
  const ports = [
    plan.operatorPort,
    plan.supervisorPort,
    ...plan.pods.map(({ adminPort }) => adminPort),
    ...members.flatMap(({ serverPort, agentPort }) => [serverPort, agentPort]),
  ];
  expect(new Set(ports).size).toBe(2 + 2 + 5 * 2);
  expect(await planCluster(manifests(), await book())).toEqual(plan);
});

test('the operator is told addresses, milliseconds and where users live', async () => {
  const edited = manifests((text) =>
    text.replace('slots: [512-1023]', 'slots: [512-1023]\n    users: [Ada@Example.org]\n    namespaces: [Shared]'),
  );
  const spec = clusterSpec(await planCluster(edited, await book()));
  expect(spec.placement).toEqual({
    users: { 'ada@example.org': 'users-b' },
    namespaces: { Shared: 'users-b' },
    slots: [
      { from: 0, to: 511, partition: 'users-a' },
      { from: 512, to: 1023, partition: 'users-b' },
    ],
  });
  const [first, second] = spec.partitions;
  expect(first?.failover).toEqual({
    mode: 'Automatic',
    probeIntervalMs: 250,
    failureThreshold: 3,
    maxLostSeconds: 5,
    delayMs: 0,
    uidGap: 1_000_000,
  });
  expect(first?.members[1]).toMatchObject({ name: 'users-a-1', endpoint: { host: '127.0.0.1' } });
  expect(second?.durability).toEqual({ mode: 'Async', whenDegraded: 'Hold' });
});

test('servers that somebody else runs: no process and no port of ours', async () => {
  const given = manifests();
  const [first, second] = given.partitions;
  const { managed: _, ...repository } = first!.spec.repository;
  const members = [
    { name: 'pg-a', host: 'db.example.org' },
    { name: 'pg-b', host: 'db.example.org', port: 5433 },
  ];
  const existing = { ...first!, spec: { ...first!.spec, repository: { ...repository, members } } };
  const plan = await planCluster({ ...given, partitions: [existing, second!] }, await book());
  expect(plan.partitions[0]?.members).toEqual([]);
  const [spec] = clusterSpec(plan).partitions;
  expect(spec).toMatchObject({ control: 'sql' });
  expect(spec?.members).toEqual([
    { name: 'pg-a', endpoint: { host: 'db.example.org', port: 5432 }, agentUrl: null },
    { name: 'pg-b', endpoint: { host: 'db.example.org', port: 5433 }, agentUrl: null },
  ]);
});

test('a paused cluster pauses all its partitions', async () => {
  const paused = manifests((text) => text.replace('replicas: 2', 'replicas: 2\n  paused: true'));
  const spec = clusterSpec(await planCluster(paused, await book()));
  expect(spec.partitions.map((partition) => partition.paused)).toEqual([true, true]);
});

test('Prometheus is told of every process once', async () => {
  const plan = await planCluster(manifests(), await book());
  const targets = scrapeTargets(plan);
  expect(targets.map(({ labels }) => `${labels.program} ${labels.instance}`)).toEqual([
    'supervisor supervisor',
    'operator operator',
    ...['users-a-0', 'users-a-1', 'users-a-2', 'users-b-0', 'users-b-1'].map((name) => `member ${name}`),
    'imapd imapd-0',
    'imapd imapd-1',
  ]);
  expect(new Set(targets.flatMap((group) => group.targets)).size).toBe(targets.length);
  expect(targets[0]?.targets).toEqual([`127.0.0.1:${plan.supervisorPort}`]);
});
