import type { TSchema } from 'typebox';
import { ImapCluster, ImapClusterSpec, ImapClusterStatus } from './imap-cluster.ts';
import { MailboxPartition, MailboxPartitionSpec } from './mailbox-partition.ts';
import { MailboxPartitionStatus } from './partition-status.ts';
import { clusterRules } from './rules/cluster-rules.ts';
import { partitionRules } from './rules/partition-rules.ts';
import type { Rule } from './rules/rule.ts';

/** A column of `kubectl get`. Priority 1: only with `-o wide`. */
export type PrinterColumn = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: number;
};

/** All there is to know of a resource kind; CRD, reference page and manifest checks are made from it. */
export type Kind = {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly description: string;
  readonly object: TSchema;
  readonly spec: TSchema;
  readonly status: TSchema;
  readonly rules: readonly Rule[];
  readonly columns: readonly PrinterColumn[];
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
};

const ready: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  description: 'Whether it serves.',
};
const phase: PrinterColumn = { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'In one word.' };
const age: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Since its creation.',
};

export const imapClusterKind: Kind = {
  kind: 'ImapCluster',
  plural: 'imapclusters',
  shortName: 'imc',
  description: 'The stateless imapd processes that serve IMAP over the partitions which name this cluster.',
  object: ImapCluster,
  spec: ImapClusterSpec,
  status: ImapClusterStatus,
  rules: clusterRules,
  columns: [
    ready,
    { name: 'Pods', type: 'integer', jsonPath: '.status.readyReplicas', description: 'Imapd pods that take sessions.' },
    { name: 'Sessions', type: 'integer', jsonPath: '.status.sessions', description: 'Open IMAP sessions, about.' },
    phase,
    age,
  ],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
};

export const mailboxPartitionKind: Kind = {
  kind: 'MailboxPartition',
  plural: 'mailboxpartitions',
  shortName: 'mbp',
  description: 'A share of all mailboxes and the replicated database that holds it.',
  object: MailboxPartition,
  spec: MailboxPartitionSpec,
  status: MailboxPartitionStatus,
  rules: partitionRules,
  // No lag: it is a metric, for `status` is not written each second. `kubectl imap status` shows it.
  columns: [
    { name: 'Engine', type: 'string', jsonPath: '.spec.repository.engine', description: 'Database engine.' },
    { name: 'Primary', type: 'string', jsonPath: '.status.primary', description: 'The member that is written to.' },
    { name: 'Epoch', type: 'integer', jsonPath: '.status.epoch', description: '+ 1 at every change of primary.' },
    phase,
    { name: 'Step', type: 'string', jsonPath: '.status.step', description: 'Of a running failover.', priority: 1 },
    ready,
    age,
  ],
};

export const kinds: readonly Kind[] = [imapClusterKind, mailboxPartitionKind];
