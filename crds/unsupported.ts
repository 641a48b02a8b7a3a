import type { ImapCluster } from './imap-cluster.ts';
import type { MailboxPartition } from './mailbox-partition.ts';

/**
 * Fields whose behaviour is not built yet. They are part of the schema, because the resource kinds are whole from the
 * start, but a value that would be silently ignored is refused: a promise in a manifest is kept or declined.
 */
export type Unsupported = {
  readonly path: readonly (string | number)[];
  /** Why it is refused, and what to do. */
  readonly message: string;
};

type Entry<T> = {
  readonly path: readonly string[];
  readonly used: (object: T) => boolean;
  /** What to do in its place. */
  readonly instead: string;
};

const filled = (value: object): boolean => Object.keys(value).length > 0;

const clusterEntries: readonly Entry<ImapCluster>[] = [
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
  {
    path: ['spec', 'authentication', 'oauthBearer'],
    used: ({ spec }) => spec.authentication.oauthBearer !== undefined,
    instead: 'leave it out and use passwords',
  },
];

const partitionEntries: readonly Entry<MailboxPartition>[] = [
  {
    path: ['spec', 'holds', 'namespaces'],
    used: ({ spec }) => spec.holds.namespaces.length > 0,
    instead: 'place mailboxes by slots and users',
  },
  {
    path: ['spec', 'repository', 'engine'],
    used: ({ spec }) => spec.repository.engine !== 'postgresql',
    instead: 'use postgresql',
  },
  {
    path: ['spec', 'repository', 'members'],
    used: ({ spec }) => spec.repository.members !== undefined,
    instead: 'use managed',
  },
  {
    path: ['spec', 'repository', 'managed', 'resources'],
    used: ({ spec }) => {
      const resources = spec.repository.managed?.resources;
      return resources !== undefined && (filled(resources.requests) || filled(resources.limits));
    },
    instead: 'leave it out: standalone does not limit its child processes',
  },
  {
    path: ['spec', 'repository', 'managed', 'storage', 'storageClassName'],
    used: ({ spec }) => spec.repository.managed?.storage.storageClassName !== undefined,
    instead: 'leave it out: standalone keeps its databases in the state folder',
  },
];

const refuse = <T>(entries: readonly Entry<T>[], object: T): readonly Unsupported[] =>
  entries
    .filter((entry) => entry.used(object))
    .map(({ path, instead }) => ({
      path,
      message: `${path.at(-1)} is not supported in this version: ${instead}`,
    }));

/** What this version cannot do of what `object` asks for. */
export function unsupportedIn(object: ImapCluster | MailboxPartition): readonly Unsupported[] {
  return object.kind === 'ImapCluster' ? refuse(clusterEntries, object) : refuse(partitionEntries, object);
}
