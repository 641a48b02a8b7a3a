import type { Alarm } from './alarms.ts';

/**
 * The one table of conditions: every type that a status may have, beside the alarms, and every reason with which it may come.
 * Who writes a condition can write no other, `docs/reference/conditions.md` is written from it, and a test holds the
 * runbooks against it.
 */
export type ConditionEntry = {
  readonly kinds: readonly ('ImapCluster' | 'MailboxPartition')[];
  /** What it says when its status is True. */
  readonly what: string;
  /** The status that needs nobody; `either`: it tells how something stands, and trouble only by its reason. */
  readonly fine: 'True' | 'False' | 'either';
  readonly reasons: Readonly<Record<string, ReasonEntry>>;
};

export type ReasonEntry = {
  /** `fine`: all is well. `passing`: part of normal work, and over by itself. `trouble`: somebody may have to do something. */
  readonly weight: 'fine' | 'passing' | 'trouble';
  readonly what: string;
};

const fine = (what: string): ReasonEntry => ({ weight: 'fine', what });
const passing = (what: string): ReasonEntry => ({ weight: 'passing', what });
const trouble = (what: string): ReasonEntry => ({ weight: 'trouble', what });

const table = {
  Ready: {
    kinds: ['ImapCluster', 'MailboxPartition'],
    what: 'A cluster: imapd takes sessions. A partition: its primary serves writes.',
    fine: 'True',
    reasons: {
      Serving: fine('It does.'),
      Creating: passing('The partition is being made.'),
      NoWriter: passing('No member serves writes: a change of primary is under way, or the primary is lost.'),
      NoAnswer: trouble('The primary was serving writes and does not answer.'),
      SchemaOutdated: passing('The primary runs, and the mail schema is not yet the one that imapd expects.'),
      NoRouting: passing('There is no routing document yet, so imapd has nobody to ask.'),
      NoPods: trouble('No imapd pod takes sessions.'),
      ClusterMissing: trouble('Nobody watches over the partition: its ImapCluster does not exist.'),
      CoreFailed: trouble('Nobody watches over the partition: that part of the operator could not begin.'),
      RecordDamaged: trouble('Nobody watches over the partition: its record cannot be used.'),
      Unsupported: trouble('Nobody watches over the partition: its spec asks for what this version cannot do.'),
    },
  },
  Progressing: {
    kinds: ['ImapCluster'],
    what: 'imapd pods are on their way to what the spec asks for.',
    fine: 'either',
    reasons: {
      RolledOut: fine('Every pod is of the newest make.'),
      Paused: fine('`spec.paused`: nothing is changed.'),
      Creating: passing('The Deployment is being made.'),
      RollingOut: passing('Pods are being replaced, made or removed.'),
      Stuck: trouble('Pods do not come up.'),
    },
  },
  ReplicationHealthy: {
    kinds: ['MailboxPartition'],
    what: 'Every replica streams from the primary.',
    fine: 'True',
    reasons: {
      Streaming: fine('They do.'),
      NotStreaming: passing('The replicas that the message names do not.'),
    },
  },
  QuorumSafe: {
    kinds: ['MailboxPartition'],
    what: 'Losing the primary now would lose nothing that was acknowledged.',
    fine: 'True',
    reasons: {
      Safe: fine('It would not.'),
      NoPrimary: passing('The partition is being made: there is no primary yet.'),
      Unsafe: trouble('It might. With `durability.mode: Async` it is always so.'),
    },
  },
  SchemaCurrent: {
    kinds: ['MailboxPartition'],
    what: 'The mail schema is the one that imapd expects.',
    fine: 'True',
    reasons: {
      Current: fine('It is.'),
      Migrating: passing('It is being brought up to date.'),
      MigrationFailed: trouble('It could not be brought up to date; that is tried again.'),
    },
  },
  TargetsConverged: {
    kinds: ['MailboxPartition'],
    what: 'Every imapd obeys the newest routing document.',
    fine: 'True',
    reasons: {
      TargetsConverged: fine('They do.'),
      TargetsLagging: passing('Those that the message names have not acknowledged it.'),
    },
  },
  FailoverBlocked: {
    kinds: ['MailboxPartition'],
    what: 'The primary is lost, but promoting a replica would break the promised durability.',
    fine: 'False',
    reasons: {
      NotBlocked: fine('Nothing is in the way.'),
      Paused: trouble('`spec.paused`.'),
      ManualMode: trouble('`failover.mode` is Manual.'),
      Flapping: trouble('Too many promotions within a short time.'),
      DiskFull: trouble('No disk space is left, and a promotion has not helped.'),
      QuorumLost: trouble('Too few members can be asked to be certain that the best of them has everything.'),
      NoReplica: trouble('No replica can be reached.'),
      MayBeServing: trouble(
        'A server of `members` does not answer, and nobody but it had to have a change: it may be acknowledging still.',
      ),
      LagUnknown: trouble('Nobody knows how far behind the replicas are.'),
      LagTooLarge: trouble('The best replica lacks more than `failover.maxLostSeconds`.'),
      RecordBehind: trouble("A member has obeyed a higher epoch than the operator's record knows."),
    },
  },
  RejoinNeeded: {
    kinds: ['MailboxPartition'],
    what: 'A member that has to be brought back does not get on.',
    fine: 'False',
    reasons: {
      NotNeeded: fine('No member is stuck.'),
      RejoinNeeded: trouble('The message names the member, the step and what hinders it.'),
    },
  },
  MembersReady: {
    kinds: ['MailboxPartition'],
    what: 'Each of the wanted members does its part.',
    fine: 'True',
    reasons: {
      AllReady: fine('They do.'),
      Starting: passing('A member is being made or started.'),
      Rejoining: passing('A member is on its way back.'),
      Evicted: passing('A pod was ended by its node; it is made anew.'),
      RecordMissing: trouble('Members hold data of a partition that has no record.'),
      ImageUnsuitable: trouble('The agent cannot run in the image of the database.'),
      ServerVersionWrong: trouble('The image has no database server of `majorVersion`.'),
      DataVersionWrong: trouble('The data is of another major version of the database than the image.'),
      ImagePullFailed: trouble('An image cannot be pulled.'),
      DiskFull: trouble('A member has no disk space left.'),
      ConfigurationMissing: trouble('A container cannot be made: a Secret, a ConfigMap or a volume is not there.'),
      CrashLooping: trouble('A container ends again and again.'),
      ServerDown: trouble('The database server of a member has ended and is started again.'),
      VolumeLost: trouble('The disk of a volume is gone.'),
      VolumeNotBound: trouble('A volume is not made, or is found by nobody.'),
      NodeLost: trouble('The node of a member does not answer.'),
      WaitingForNode: trouble('The volume of a member is on a node that is being drained.'),
      Unschedulable: trouble('No node takes a pod.'),
      Refused: trouble('The API server does not take a pod or a volume.'),
    },
  },
  MembersUsable: {
    kinds: ['MailboxPartition'],
    what: 'Every server of `members` can be worked with.',
    fine: 'True',
    reasons: {
      Usable: fine('They can.'),
      NotAdopted: passing('Which of them is the primary has not been seen yet.'),
      PrimaryLeftOut: trouble(
        'The primary was taken out of `members`, or has another name there: nobody is written to.',
      ),
      CredentialsMissing: trouble(
        'There is no Secret of that name, it lacks `username` or `password`, or the operator could not read it.',
      ),
      CredentialsRefused: trouble('A server does not let the administrator in.'),
      NotVerified: trouble('A server does not prove over TLS that it is who was meant: it is told nothing.'),
      NotSuperuser: trouble('The administrator is no superuser of a server.'),
      RightsMissing: trouble('The administrator lacks rights on a server.'),
      SettingsUnfit: trouble('A server has settings under which nothing could be promised.'),
      ReplicationRefused: trouble('A replica cannot stream as the role that the operator made; it streams as before.'),
      WrongRepository: trouble('A server is of another repository than the others; it is left alone.'),
    },
  },
  MembersSettled: {
    kinds: ['MailboxPartition'],
    what: 'No member is to be made, given up or replaced.',
    fine: 'True',
    reasons: {
      Settled: fine(
        'Every member is as asked for. Of an older make some may be, after an upgrade of the operator: the message names them.',
      ),
      Paused: passing('`spec.paused`: no member is made, replaced or deleted.'),
      ReplacingLost: passing('A member is lost for good, and another takes its place.'),
      RollingOut: passing('Pods of which something else is asked for now are replaced, one at a time.'),
      SwitchingOver: passing('Another member is to become the primary, so that this one may go.'),
      DrainBlocked: trouble('The primary is on a node that is being drained, and no replica can take over.'),
      VolumeGoing: trouble('The claim of the only member is being deleted, and its pod is all that still holds it.'),
      ScalingUp: passing('Members are made, and have not joined yet.'),
      ScalingDown: passing('Members are given up.'),
      VersionKept: trouble('Another major version of the database is asked for than the data is of; that one goes on.'),
    },
  },
  VolumesSized: {
    kinds: ['MailboxPartition'],
    what: 'Every volume is as large as `storage.size` says.',
    fine: 'True',
    reasons: {
      Sized: fine('They are.'),
      Growing: passing('Volumes grow.'),
      VolumeResizeRefused: trouble('A volume may not grow.'),
    },
  },
} as const satisfies Record<string, ConditionEntry>;

export type ConditionType = keyof typeof table | Alarm;
/** What may stand in `reason` of a condition of that type. */
export type ReasonOf<T extends ConditionType> = T extends keyof typeof table
  ? keyof (typeof table)[T]['reasons'] & string
  : T;

/** Without the alarms: `crds/alarms.ts`. */
export const conditionTable: Readonly<Record<keyof typeof table, ConditionEntry>> = table;
