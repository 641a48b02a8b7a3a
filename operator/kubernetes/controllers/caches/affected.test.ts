import type { V1Node } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { testCluster } from '../../../cluster/test-support/imapd-input.ts';
import { LABEL } from '../../../objects/labels.ts';
import { testPartition } from '../../../partition/objects/test-support/member-input.ts';
import type { Stored } from '../../api/resource.ts';
import { affectedByCluster, affectedByObject, affectedByPartition, type Directory, isNodeNews } from './affected.ts';

const directory: Directory = {
  partitionsOf: (cluster) => (cluster === 'post/mail' ? ['post/users-a', 'post/users-b'] : []),
  clusterOf: (partition) => (partition === 'post/users-a' ? 'post/mail' : null),
  nameOf: (_kind, _namespace, label) => (label === 'x9-9f86d081' ? '9' : label),
};

const cluster = testCluster();
const partition = testPartition();
const changed = (metadata: object): ImapCluster => ({ ...cluster, metadata: { ...cluster.metadata, ...metadata } });

test.each([
  { name: 'made', before: null, after: cluster, partitions: true },
  { name: 'deleted', before: cluster, after: null, partitions: true },
  { name: 'another spec', before: cluster, after: changed({ generation: 2 }), partitions: true },
  { name: 'annotated', before: cluster, after: changed({ annotations: { a: 'b' } }), partitions: true },
  { name: 'being deleted', before: cluster, after: changed({ deletionTimestamp: 'now' }), partitions: true },
  { name: 'another status', before: cluster, after: changed({ resourceVersion: '2' }), partitions: false },
])('a cluster is $name', ({ before, after, partitions }) => {
  expect(affectedByCluster({ before, after }, directory)).toEqual({
    clusters: ['post/mail'],
    partitions: partitions ? ['post/users-a', 'post/users-b'] : [],
  });
});

test('a partition and its cluster hear of what a person changes, the partition alone of its status', () => {
  const touched = { ...partition, metadata: { ...partition.metadata, resourceVersion: '2' } };
  expect(affectedByPartition({ before: null, after: partition })).toEqual({
    clusters: ['post/mail'],
    partitions: ['post/users-a'],
  });
  expect(affectedByPartition({ before: partition, after: touched })).toEqual({
    clusters: [],
    partitions: ['post/users-a'],
  });
});

const labelled = (labels: Readonly<Record<string, string>>) => ({
  metadata: { namespace: 'post', name: 'anything', labels },
});
const ofPartition = labelled({ [LABEL.cluster]: 'mail', [LABEL.partition]: 'users-a' });

test.each([
  { name: 'a pod of a member', kind: 'Pod', object: ofPartition, clusters: [], partitions: ['post/users-a'] },
  {
    name: 'passwords of a partition',
    kind: 'Secret',
    object: ofPartition,
    clusters: ['post/mail'],
    partitions: ['post/users-a'],
  },
  {
    name: 'passwords of a partition that is gone',
    kind: 'Secret',
    object: labelled({ [LABEL.partition]: 'gone' }),
    clusters: [],
    partitions: ['post/gone'],
  },
  {
    name: 'an object of a cluster',
    kind: 'Deployment',
    object: labelled({ [LABEL.cluster]: 'mail' }),
    clusters: ['post/mail'],
    partitions: [],
  },
  {
    name: 'a name that had to be rewritten into a label',
    kind: 'Pod',
    object: labelled({ [LABEL.partition]: 'x9-9f86d081' }),
    clusters: [],
    partitions: ['post/9'],
  },
  { name: 'an object of nobody', kind: 'Pod', object: labelled({}), clusters: [], partitions: [] },
])('$name', ({ kind, object, clusters, partitions }) => {
  expect(affectedByObject(kind, { before: null, after: object }, directory)).toEqual({ clusters, partitions });
  expect(affectedByObject(kind, { before: object, after: null }, directory)).toEqual({ clusters, partitions });
});

const node = (ready: string, spec: NonNullable<Stored<V1Node>['spec']> = {}, heartbeat = '1'): Stored<V1Node> => ({
  metadata: { name: 'node1', uid: 'n' },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: heartbeat }] },
});

test.each([
  { name: 'a sign of life', before: node('True'), after: node('True', {}, '2'), news: false },
  { name: 'not ready', before: node('True'), after: node('Unknown'), news: true },
  { name: 'cordoned', before: node('True'), after: node('True', { unschedulable: true }), news: true },
  { name: 'gone', before: node('True'), after: null, news: true },
])('of a node: $name', ({ before, after, news }) => {
  expect(isNodeNews({ before, after })).toBe(news);
});
