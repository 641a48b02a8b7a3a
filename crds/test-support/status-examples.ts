import type { ImapClusterStatus } from '../imap-cluster.ts';
import type { MailboxPartitionStatus } from '../partition-status.ts';

const MOMENT = '2026-01-01T00:00:00Z';
const conditions = [
  { type: 'Ready', status: 'True', observedGeneration: 1, reason: 'Serving', message: '', lastTransitionTime: MOMENT },
] satisfies MailboxPartitionStatus['conditions'];

/** A status with every field, and null wherever null may stand beside a value. */
export const fullStatus: {
  readonly ImapCluster: Required<ImapClusterStatus>;
  readonly MailboxPartition: Required<MailboxPartitionStatus>;
} = {
  ImapCluster: {
    observedGeneration: 1,
    phase: 'Serving',
    replicas: 3,
    readyReplicas: 2,
    sessions: 1200,
    selector: 'app.kubernetes.io/instance=mail',
    routingVersion: 12,
    conditions,
  },
  MailboxPartition: {
    observedGeneration: 1,
    epoch: 7,
    primary: 'users-a-1',
    phase: 'FailingOver',
    step: 'promote',
    running: {
      ...{ kind: 'Failover', from: 'users-a-0', to: null, epoch: 7, reason: 'it is gone', startedAt: MOMENT },
      phases: { detect: 250, fence: 12 },
      acceptDataLoss: false,
    },
    synchronous: { required: 1, members: ['users-a-0', 'users-a-2'] },
    members: [
      {
        ...{ name: 'users-a-0', role: 'none', reachable: false, timeline: null, rejoin: 'Salvaging' },
        errant: '2 transactions: 1-7-104 to 1-7-105',
      },
      { name: 'users-a-1', role: 'primary', reachable: true, timeline: 7, copiedBy: 'BaseBackup' },
    ],
    lastFailover: {
      ...{ kind: 'Bootstrap', from: null, to: 'users-a-0', epoch: 1, reason: 'new', startedAt: MOMENT },
      ...{ phases: {}, finishedAt: MOMENT, lostUpTo: null, salvaged: null },
    },
    conditions,
  },
};
