import type { V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import type { Stored } from '../../api/resource.ts';
import { imapdPods, readyPods } from './imapd-pods.ts';

type Shape = { readonly component?: string; readonly deleted?: boolean } & NonNullable<Stored<V1Pod>['status']>;

function pod(name: string, { component = 'imapd', deleted = false, ...status }: Shape): Stored<V1Pod> {
  const labels = { 'app.kubernetes.io/component': component };
  return { metadata: { name, labels, ...(deleted ? { deletionTimestamp: 'now' } : {}) }, status };
}

const ready = [{ type: 'Ready', status: 'True' }];
const stopped = {
  name: 'imapd',
  image: 'i',
  imageID: 'i',
  ready: false,
  restartCount: 0,
  state: { terminated: { exitCode: 0 } },
};
const all = [
  pod('serving', { podIP: '10.0.0.1', phase: 'Running', conditions: ready }),
  pod('not-ready', { podIP: '10.0.0.2', phase: 'Running' }),
  pod('leaving', { podIP: '10.0.0.3', phase: 'Running', conditions: ready, deleted: true }),
  pod('six', { podIP: 'fd00::7', phase: 'Running' }),
  pod('without-address', { phase: 'Pending' }),
  pod('stopped', { podIP: '10.0.0.6', phase: 'Running', deleted: true, containerStatuses: [stopped] }),
  pod('ended', { podIP: '10.0.0.4', phase: 'Failed' }),
  pod('migrate', { podIP: '10.0.0.5', phase: 'Running', component: 'job' }),
];

test('whoever may have sessions is told, ready or not', () => {
  expect(imapdPods(all)).toEqual([
    { name: 'serving', adminUrl: 'http://10.0.0.1:8080' },
    { name: 'not-ready', adminUrl: 'http://10.0.0.2:8080' },
    { name: 'leaving', adminUrl: 'http://10.0.0.3:8080' },
    { name: 'six', adminUrl: 'http://[fd00::7]:8080' },
  ]);
});

test('whoever takes sessions is asked', () => {
  expect(readyPods(all).map(({ name }) => name)).toEqual(['serving']);
});
