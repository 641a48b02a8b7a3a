import { expect, test } from 'vitest';
import { isReady, type PodObject, podNow, portNamed, whyNotReady } from './pod-object.ts';

const ready = [{ type: 'Ready', status: 'True' }];
const container = { name: 'imapd', ready: false, restartCount: 2, image: 'imapd:1' };
const pod = (status: PodObject['status'], metadata: Partial<PodObject['metadata']> = {}): PodObject => ({
  metadata: { name: 'mail-imapd-1', creationTimestamp: '2026-11-24T12:00:00Z', ...metadata },
  spec: { nodeName: 'node1', containers: [{ name: 'imapd', ports: [{ name: 'admin', containerPort: 8080 }] }] },
  ...(status === undefined ? {} : { status }),
});

test('ready, and not while it is being stopped', () => {
  expect(isReady(pod({ conditions: ready }))).toBe(true);
  expect(isReady(pod({ conditions: ready }, { deletionTimestamp: 'now' }))).toBe(false);
  expect(isReady(pod(undefined))).toBe(false);
});

test.each([
  [{ conditions: ready }, null],
  [undefined, 'Pending'],
  [{ phase: 'Running' }, 'its health check does not succeed yet'],
  [
    { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }] },
    'it finds no node: 0/3 nodes are available',
  ],
  [
    {
      containerStatuses: [
        { ...container, state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } },
      ],
    },
    'imapd: ImagePullBackOff: no such image',
  ],
  [
    { initContainerStatuses: [{ ...container, name: 'install', state: { terminated: { exitCode: 1 } } }] },
    'install: ended with 1 (Error)',
  ],
  [{ containerStatuses: [{ ...container, state: { terminated: { exitCode: 0 } } }], phase: 'Succeeded' }, 'Succeeded'],
] as const)('%j: %s', (status, why) => {
  expect(whyNotReady(pod(status))).toBe(why);
});

test('as status shows it', () => {
  const labels = { 'app.kubernetes.io/component': 'database', 'imapcluster.io/partition': 'users-a' };
  expect(podNow(pod({ conditions: ready, containerStatuses: [container] }, { labels }))).toEqual({
    name: 'mail-imapd-1',
    component: 'database',
    partition: 'users-a',
    member: null,
    ready: true,
    problem: null,
    node: 'node1',
    restarts: 2,
    startedAt: Date.parse('2026-11-24T12:00:00Z'),
  });
  expect([portNamed(pod(undefined), 'admin'), portNamed(pod(undefined), 'imap')]).toEqual([8080, null]);
});
