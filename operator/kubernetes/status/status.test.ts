import type { V1Deployment } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import type { Condition } from '#crds/condition.ts';
import { testCluster } from '../../cluster/test-support/imapd-input.ts';
import { testPartition } from '../../partition/objects/test-support/member-input.ts';
import { newRecord } from '../../partition/record.ts';
import type { Stored } from '../api/resource.ts';
import { type ClusterStatusInput, clusterStatus } from './cluster-status.ts';
import { datedConditions, judge } from './dated-conditions.ts';
import { type PartitionStatusInput, partitionObjectStatus } from './partition-object-status.ts';
import { roundedSessions } from './rounded-sessions.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');

test.each([
  { name: 'the first time', sessions: 149, told: undefined, shown: 100 },
  { name: 'half a step more', sessions: 160, told: 100, shown: 100 },
  { name: 'a whole step more', sessions: 190, told: 100, shown: 200 },
  { name: 'wavering about the middle', sessions: 149, told: 200, shown: 200 },
  { name: 'nobody left', sessions: 0, told: 100, shown: 0 },
])('sessions: $name', ({ sessions, told, shown }) => {
  expect(roundedSessions(sessions, told)).toBe(shown);
});

test('a condition keeps the time of its transition until its status turns', () => {
  const before: Condition[] = [
    { type: 'Ready', status: 'True', reason: 'Old', message: 'old', lastTransitionTime: '2025-01-01T00:00:00Z' },
  ];
  const dating = { before, generation: 2, now: NOW };
  const dated = (holds: boolean) =>
    datedConditions([judge('Ready', holds, { reason: 'NoPods', message: 'new' })], dating);
  expect(dated(true)).toMatchObject([{ lastTransitionTime: '2025-01-01T00:00:00Z', reason: 'NoPods' }]);
  expect(dated(false)).toMatchObject([{ lastTransitionTime: '2026-01-02T03:04:05.000Z', observedGeneration: 2 }]);
});

function deployment(ready: number, status: NonNullable<Stored<V1Deployment>['status']> = {}): Stored<V1Deployment> {
  const counts = { replicas: ready, updatedReplicas: ready, readyReplicas: ready, availableReplicas: ready };
  return {
    metadata: { name: 'mail-imapd', generation: 4 },
    spec: { replicas: 2, selector: {}, template: {} },
    status: { observedGeneration: 4, ...counts, ...status },
  };
}

const refused = {
  conditions: [
    { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' },
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' },
  ],
};
const stuck = { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] };

test.each<{ name: string; input: Partial<ClusterStatusInput>; phase: string; ready: string; progressing: string }>([
  {
    name: 'nothing is there',
    input: { deployment: null, routingVersion: null },
    phase: 'Starting',
    ready: 'False NoRouting',
    progressing: 'True Creating',
  },
  { name: 'all is well', input: {}, phase: 'Serving', ready: 'True Serving', progressing: 'False RolledOut' },
  {
    name: 'a pod is missing',
    input: { deployment: deployment(1) },
    phase: 'Degraded',
    ready: 'True Serving',
    progressing: 'True RollingOut',
  },
  {
    name: 'all are missing',
    input: { deployment: deployment(0, stuck) },
    phase: 'Starting',
    ready: 'False NoPods',
    progressing: 'False Stuck',
  },
  {
    name: 'a quota refuses the pods',
    input: { deployment: deployment(0, refused) },
    phase: 'Starting',
    ready: 'False NoPods',
    progressing: 'False Stuck',
  },
  {
    name: 'paused',
    input: { cluster: testCluster({ paused: true }) },
    phase: 'Paused',
    ready: 'True Serving',
    progressing: 'False Paused',
  },
])('a cluster: $name', ({ input, phase, ready, progressing }) => {
  const whole = { cluster: testCluster(), deployment: deployment(2), sessions: 0, routingVersion: 3, now: NOW };
  const status = clusterStatus({ ...whole, problems: new Map([['Unsupported', 'no']]), ...input });
  const shown = (type: string) => {
    const found = status.conditions?.find((condition) => condition.type === type);
    return `${found?.status} ${found?.reason}`;
  };
  expect(status.phase).toBe(phase);
  expect([shown('Ready'), shown('Progressing'), shown('Unsupported')]).toEqual([
    ready,
    progressing,
    'True Unsupported',
  ]);
});

const told = {
  epoch: 7,
  phase: 'Healthy' as const,
  conditions: [
    { type: 'QuorumSafe', status: 'True' as const, reason: 'Safe', message: '', lastTransitionTime: 'then' },
    { type: 'PlacementConflict', status: 'True' as const, reason: 'X', message: '', lastTransitionTime: 'then' },
  ],
};

function statusOf(change: Partial<PartitionStatusInput>) {
  const partition = { ...testPartition(), status: told };
  return partitionObjectStatus({ partition, record: undefined, problems: new Map(), members: [], now: NOW, ...change });
}

test('of a partition whose record nobody has read, what was told stays, but for alarms that are over', () => {
  expect(statusOf({})).toMatchObject({ epoch: 7, phase: 'Healthy', conditions: [{ type: 'QuorumSafe' }] });
});

test('a partition without a record is being made', () => {
  const status = statusOf({ record: null });
  expect(status).toMatchObject({ phase: 'Creating', conditions: [{ type: 'Ready', status: 'False' }] });
  expect(status).not.toHaveProperty('epoch');
});

test('a record is told, with what the controller adds; no null where there are values to choose from', () => {
  const members = [judge('MembersReady', false, { reason: 'ImagePullFailed', message: 'no such image' })];
  const status = statusOf({ record: { ...newRecord, epoch: 8 }, members });
  expect(status).toMatchObject({ epoch: 8, primary: null, conditions: [{ type: 'MembersReady', status: 'False' }] });
  expect(status).not.toHaveProperty('step');
});

test.each([
  { problem: 'ClusterMissing', ready: 'False' },
  { problem: 'Unsupported', ready: 'False' },
  { problem: 'CoreFailed', ready: 'Unknown' },
] as const)('with $problem nobody says that it serves', ({ problem, ready }) => {
  const before = { type: 'Ready', status: 'True' as const, reason: 'Serving', message: '', lastTransitionTime: 0 };
  const status = statusOf({
    record: { ...newRecord, conditions: [before] },
    problems: new Map([[problem, 'why']]),
    refused: true,
  });
  const found = status.conditions?.filter(({ type }) => type === 'Ready');
  expect(found).toMatchObject([{ status: ready, reason: problem, message: 'why' }]);
});

test('of what is refused in part alone, it may be said that it serves', () => {
  const before = { type: 'Ready', status: 'True' as const, reason: 'Serving', message: '', lastTransitionTime: 0 };
  const status = statusOf({
    record: { ...newRecord, conditions: [before] },
    problems: new Map([['Unsupported', 'why']]),
  });
  const shown = status.conditions?.map(({ type, status: holds }) => `${type} ${holds}`);
  expect(shown).toEqual(['Ready True', 'Unsupported True']);
});
