import { expect, test } from 'vitest';
import { type OfCluster, selectPods } from './select-pods.ts';

const pod = (name: string, component: string, of: { readonly partition?: string; readonly member?: string } = {}) => ({
  metadata: {
    name,
    labels: {
      'app.kubernetes.io/component': component,
      ...(of.partition === undefined ? {} : { 'imapcluster.io/partition': of.partition }),
      ...(of.member === undefined ? {} : { 'imapcluster.io/member': of.member }),
    },
  },
});
const pods = [
  pod('mail-imapd-1', 'imapd'),
  pod('users-a-0', 'database', { partition: 'users-a', member: 'users-a-0' }),
  pod('users-a-1', 'database', { partition: 'users-a', member: 'users-a-1' }),
  pod('migrate-users-a', 'job', { partition: 'users-a' }),
];

test.each<[OfCluster, readonly string[]]>([
  [{ kind: 'imapd' }, ['mail-imapd-1']],
  [{ kind: 'partition', name: 'users-a' }, ['users-a-0', 'users-a-1']],
  [{ kind: 'member', name: 'users-a-1' }, ['users-a-1']],
  [{ kind: 'partition', name: 'users' }, []],
])('%j: %j', (selection, names) => {
  expect(selectPods(pods, selection).map(({ metadata }) => metadata.name)).toEqual(names);
});
