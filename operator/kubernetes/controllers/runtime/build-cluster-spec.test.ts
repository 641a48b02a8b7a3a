import { expect, test } from 'vitest';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { testCluster } from '../../../cluster/test-support/imapd-input.ts';
import { testPartition } from '../../../partition/objects/test-support/member-input.ts';
import { buildClusterSpec } from './build-cluster-spec.ts';
import { conflictsAmong } from './conflicts-among.ts';
import { effectivePlacement } from './effective-placement.ts';

type Holds = {
  readonly slots?: readonly string[];
  readonly users?: readonly string[];
  readonly namespaces?: readonly string[];
};

/** @param age in seconds; the older, the larger */
function partition(
  name: string,
  age: number,
  { slots = [], users = [], namespaces = [] }: Holds = {},
): MailboxPartition {
  const made = testPartition({}, name);
  const creationTimestamp = new Date(1e12 - age * 1_000).toISOString();
  const holds = { slots: [...slots], users: [...users], namespaces: [...namespaces] };
  return { ...made, metadata: { ...made.metadata, creationTimestamp }, spec: { ...made.spec, holds } };
}

test.each<{ name: string; partitions: readonly MailboxPartition[]; slots: readonly string[]; contested?: boolean }>([
  {
    name: 'no conflict',
    partitions: [partition('b', 1, { slots: ['512-1023'] }), partition('a', 2, { slots: ['0-511'] })],
    slots: ['0-511 a', '512-1023 b'],
  },
  {
    name: 'the later gets the rest, on both sides',
    partitions: [partition('a', 1, { slots: ['0-1023'] }), partition('b', 2, { slots: ['100-200'] })],
    slots: ['0-99 a', '100-200 b', '201-1023 a'],
    contested: true,
  },
  {
    name: 'nothing is left of the later',
    partitions: [partition('a', 1, { slots: ['5'] }), partition('b', 2, { slots: ['0-10'] })],
    slots: ['0-10 b'],
    contested: true,
  },
  {
    name: 'ranges of one partition may overlap',
    partitions: [partition('a', 1, { slots: ['0-10', '5-20'] })],
    slots: ['0-20 a'],
  },
  {
    name: 'of the same second, the first by name',
    partitions: [partition('b', 1, { slots: ['7'] }), partition('a', 1, { slots: ['7'] })],
    slots: ['7-7 a'],
    contested: true,
  },
])('slots: $name', ({ partitions, slots, contested = false }) => {
  expect(effectivePlacement(partitions).contested).toBe(contested);
  const found = effectivePlacement(partitions).placement.slots.map(
    ({ from, to, partition: held }) => `${from}-${to} ${held}`,
  );
  expect(found).toEqual(slots);
});

test('a user that two claim, however written, is the earlier one’s; and the later one is told', () => {
  const partitions = [partition('a', 1, { users: ['B@Example.org'] }), partition('b', 2, { users: ['b@example.org'] })];
  expect(Object.values(effectivePlacement(partitions).placement.users)).toEqual(['b']);
  expect([...conflictsAmong(partitions).keys()]).toEqual(['a']);
});

test('a shared namespace that two claim is the earlier one’s; and the later one is told', () => {
  const partitions = [
    partition('a', 1, { namespaces: ['Shared', 'News'] }),
    partition('b', 2, { namespaces: ['Shared'] }),
  ];
  const { placement, contested } = effectivePlacement(partitions);
  expect(placement.namespaces).toEqual({ Shared: 'b', News: 'a' });
  expect(contested).toBe(true);
  expect(conflictsAmong(partitions).get('a' as never)).toMatch(/^namespaces Shared held by b: they stay there/);
});

test('a spec is made of objects and addresses; the same whatever the order', () => {
  const cluster = testCluster({ paused: true });
  const members = [{ name: 'a-0', endpoint: { host: '10.0.0.7', port: 5432 }, agentUrl: 'http://10.0.0.7:8080' }];
  const [a, b] = [partition('a', 2), partition('b', 1)].map((object) => ({ object, members: members as never }));
  if (a === undefined || b === undefined) throw new Error('two were made');
  const unknown = [partition('c', 3, { slots: ['9'] })];
  const { spec, contested } = buildClusterSpec({ cluster, partitions: [b, a], unknown, schema: '7' });
  expect(contested).toBe(false);
  expect(spec).toMatchObject({
    cluster: 'mail',
    unknown: ['c'],
    placement: { slots: [{ from: 9, to: 9, partition: 'c' }] },
    partitions: [
      { name: 'a', schema: '7', paused: true, members, failover: { probeIntervalMs: 250 } },
      { name: 'b', schema: '7', paused: true },
    ],
  });
  expect(buildClusterSpec({ cluster, partitions: [a, b], unknown, schema: '7' }).spec).toEqual(spec);
});
