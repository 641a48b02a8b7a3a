import { type Static, Type } from 'typebox';
import { closed, defaulted, duration, oneOf, reference, setOf } from './fields.ts';
import { API_VERSION } from './group.ts';
import { ObjectMeta } from './object-meta.ts';
import { MailboxPartitionStatus } from './partition-status.ts';
import { Repository } from './repository.ts';

/** The `MailboxPartition`: which mailboxes live together, in which repository, and what is promised for them. */
const Holds = defaulted(
  {
    slots: setOf(
      Type.String({ pattern: '^[0-9]{1,4}(-[0-9]{1,4})?$', maxLength: 9 }),
      128,
      'Hash slots 0 to 1023, each `N` or `FROM-TO`. Every user falls into one slot.',
    ),
    users: setOf(Type.String({ minLength: 1, maxLength: 320 }), 1_000, 'Users that live here whatever their slot.'),
    namespaces: setOf(
      Type.String({ minLength: 1, maxLength: 128, pattern: '^[^/*%\\x00-\\x1f\\x7f]+$' }),
      64,
      'Top-level names of mailboxes that live here and belong to no user, such as Shared or News: shared namespaces, in which administrators make mailboxes. Mailboxes of users that have such a name are out of reach.',
    ),
  },
  'Which mailboxes live in this partition: those of users, by their names or else by their slots, and those of shared namespaces.',
);

const Durability = defaulted(
  {
    mode: oneOf(['Quorum', 'Async'], {
      default: 'Quorum',
      description:
        'Quorum: a change is acknowledged once a replica has it too, and survives the loss of any one server. ' +
        'Async: the primary alone acknowledges; its loss may lose the last moments (see failover.maxLostSeconds).',
    }),
    whenDegraded: oneOf(['Hold', 'Async'], {
      default: 'Hold',
      description:
        'With Quorum and too few replicas: Hold makes writing wait until enough are back; Async goes on without them.',
    }),
  },
  'What an acknowledged change survives.',
);

const Failover = defaulted(
  {
    mode: oneOf(['Automatic', 'Manual'], {
      default: 'Automatic',
      description: 'Whether the operator promotes a replica by itself or waits for a person.',
    }),
    probeInterval: duration('250ms', 'How often a server is probed. 50ms to 1m.'),
    failureThreshold: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 3,
      description:
        'Failed probes in a row after which they count. That a server ended counts at once, where its agent is there to say so.',
    }),
    maxLostSeconds: Type.Integer({
      minimum: 0,
      maximum: 86_400,
      default: 5,
      description:
        'Async only: no promotion while the best replica is further behind than this; FailoverBlocked is set instead.',
    }),
    delay: duration('0s', 'Wait this long before promoting, for a primary that may come back by itself.'),
    uidGap: Type.Integer({
      minimum: 1_000,
      maximum: 100_000_000,
      default: 1_000_000,
      description:
        'How far UIDs and mod-sequences jump at an unplanned promotion. Must exceed what can be lost of one mailbox.',
    }),
  },
  'When and how a replica becomes the primary.',
);

/** `spec`: a person's part. */
export const MailboxPartitionSpec = closed(
  {
    clusterRef: reference('The ImapCluster that serves these mailboxes. Cannot be changed.'),
    paused: Type.Boolean({
      default: false,
      description:
        'While true nobody is promoted, attached, rebuilt or made here; the primary goes on serving. A change of ' +
        'primary that is under way is finished.',
    }),
    holds: Holds,
    repository: Repository,
    durability: Durability,
    failover: Failover,
  },
  { description: 'What the partition shall be.' },
);
export type MailboxPartitionSpec = Static<typeof MailboxPartitionSpec>;

/** The whole object, as programs hold it: defaults applied, `status` absent until the operator has looked. */
export const MailboxPartition = Type.Object(
  {
    apiVersion: Type.Literal(API_VERSION),
    kind: Type.Literal('MailboxPartition'),
    metadata: ObjectMeta,
    spec: MailboxPartitionSpec,
    status: Type.Optional(MailboxPartitionStatus),
  },
  { additionalProperties: false },
);
export type MailboxPartition = Static<typeof MailboxPartition>;
