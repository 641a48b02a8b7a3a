import type { AgentReport } from '../agent-report.ts';

export const replication = {
  role: 'replica',
  systemIdentifier: '7',
  timeline: 1,
  received: '0/3',
  applied: '0/3',
  epoch: 1,
  upstream: { member: 'a0', streaming: true, silentMs: 10 },
  standbys: [
    { member: 'a1', streaming: true, synchronous: true, received: '0/3' },
    { member: 'a2', streaming: true, synchronous: true, received: null },
  ],
  synchronous: { required: 0, members: [] },
} satisfies AgentReport['replication'];

/** What an agent says of a replica that is well, with replicas of its own. */
export const replicaReport: AgentReport = {
  cluster: 'mail',
  partition: 'users-a',
  member: 'a1',
  bootId: 'b',
  sequence: 1,
  state: 'running',
  activity: null,
  serverPid: 7,
  serverVersion: '18.4',
  exit: null,
  probe: { consecutiveFailures: 0, failure: null, message: null, latencyMs: 2 },
  replication,
  fence: null,
  grantedEpoch: null,
  highestEpoch: 1,
  retainedBytes: 1,
  rebuild: null,
};
