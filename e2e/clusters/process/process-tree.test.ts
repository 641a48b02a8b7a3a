import { expect, test } from 'vitest';
import { childOf, processesOfPod } from './process-tree.ts';

const pod = (uid: string): string => `4:memory:/imapcluster-node1/kubepods/burstable/pod${uid}/abc\n`;

test('processes are found by the uid of their pod and their name', () => {
  const processes = [
    { pid: 10, name: 'postgres', program: '/usr/lib/postgresql/18/bin/postgres', controlGroups: pod('u1') },
    { pid: 11, name: 'postgres', program: '/usr/lib/postgresql/18/bin/postgres', controlGroups: pod('u2') },
    { pid: 12, name: 'sh', program: '/bin/dash', controlGroups: pod('u1') },
    { pid: 13, name: 'node-MainThread', program: '/usr/bin/node', controlGroups: pod('u1') },
  ];
  expect(processesOfPod(processes, 'u1', 'postgres').map(({ pid }) => pid)).toEqual([10]);
  expect(processesOfPod(processes, 'u1', 'node').map(({ pid }) => pid)).toEqual([13]);
  expect(processesOfPod(processes, 'u1', 'sh').map(({ pid }) => pid)).toEqual([12]);
});

test('a process that is gone has no child', async () => {
  expect(await childOf(2 ** 22 + 1)).toBeNull();
});
