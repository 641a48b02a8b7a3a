import type { ImapCluster } from '../imap-cluster.ts';
import type { MailboxPartition } from '../mailbox-partition.ts';

type Field<T> = {
  readonly path: readonly string[];
  readonly used: (object: T) => boolean;
  /** What to do in its place. */
  readonly instead: string;
};

const filled = (value: object): boolean => Object.keys(value).length > 0;

const hasAmounts = (resources: { readonly requests: object; readonly limits: object } | undefined): boolean =>
  resources !== undefined && (filled(resources.requests) || filled(resources.limits));

const ofClusters: readonly Field<ImapCluster>[] = [
  {
    path: ['spec', 'image'],
    used: ({ spec }) => spec.image !== undefined,
    instead: 'leave it out: standalone runs the programs of its checkout',
  },
  {
    path: ['spec', 'resources'],
    used: ({ spec }) => hasAmounts(spec.resources),
    instead: 'leave it out: standalone does not limit its child processes',
  },
  {
    path: ['spec', 'service', 'type'],
    used: ({ spec }) => spec.service.type !== 'ClusterIP',
    instead: 'leave it out: standalone listens on the ports given by --imap-port and --imaps-port',
  },
  {
    path: ['spec', 'service', 'annotations'],
    used: ({ spec }) => filled(spec.service.annotations),
    instead: 'leave it out: standalone has no Service',
  },
];

const ofPartitions: readonly Field<MailboxPartition>[] = [
  {
    path: ['spec', 'repository', 'members', 'podRef'],
    used: ({ spec }) => spec.repository.members?.some(({ podRef }) => podRef !== undefined) === true,
    instead: 'leave it out: servers are watched by SQL',
  },
  {
    path: ['spec', 'repository', 'managed', 'resources'],
    used: ({ spec }) => hasAmounts(spec.repository.managed?.resources),
    instead: 'leave it out: standalone does not limit its child processes',
  },
  {
    path: ['spec', 'repository', 'managed', 'storage', 'storageClassName'],
    used: ({ spec }) => spec.repository.managed?.storage.storageClassName !== undefined,
    instead: 'leave it out: standalone keeps its databases in the state folder',
  },
  {
    path: ['spec', 'repository', 'managed', 'image'],
    used: ({ spec }) => spec.repository.managed?.image !== undefined,
    instead:
      'leave it out: standalone runs the servers that it finds, or those of --postgres-bin, --mariadb-bin and --mysql-bin',
  },
  {
    path: ['spec', 'repository', 'managed', 'reclaim'],
    used: ({ spec }) => spec.repository.managed?.reclaim === 'Delete',
    instead: 'leave it out: standalone keeps everything until its state folder is removed',
  },
];

/** What standalone of this version does not do, of what a manifest may ask for. */
export const unsupportedFields = { ImapCluster: ofClusters, MailboxPartition: ofPartitions } as const;
