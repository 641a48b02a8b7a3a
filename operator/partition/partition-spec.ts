import type { DatabaseTls } from '#contract/database-tls.ts';
import type { ClusterName, MemberName, PartitionName } from '#contract/names.ts';
import type { MemberEndpoint, Placement } from '#contract/routing-document.ts';
import type { Engine } from '#database/engine.ts';

/** One database server of a repository: where mail connects to it, and where its agent listens. */
export type MemberSpec = {
  readonly name: MemberName;
  readonly endpoint: MemberEndpoint;
  /** Base URL of the agent: `http://127.0.0.1:9100`. null: there is none, somebody else runs the server. */
  readonly agentUrl: string | null;
  /** It has never had all data, so that no commit may wait for it. Absent: it has, or is one of the first. */
  readonly newcomer?: boolean | undefined;
};

/** What the core needs of a `MailboxPartition`: defaults applied, durations in milliseconds, addresses resolved. */
export type PartitionSpec = {
  readonly name: PartitionName;
  readonly engine: Engine;
  readonly database: string;
  /** Servers that somebody else runs: they are watched and told what to do by SQL alone. Absent: by their agents. */
  readonly control?: 'sql' | undefined;
  /** How its servers prove who they are. Absent: they are spoken to without TLS. */
  readonly tls?: DatabaseTls | undefined;
  /** Names the mail schema that the cluster's imapd processes expect. What it means is their affair. */
  readonly schema: string;
  /** The first becomes the first primary. */
  readonly members: readonly MemberSpec[];
  /** Log that each member keeps for every other one that is away, in bytes. */
  readonly retainedLogBytes: number;
  readonly durability: { readonly mode: 'Quorum' | 'Async'; readonly whenDegraded: 'Hold' | 'Async' };
  readonly failover: {
    readonly mode: 'Automatic' | 'Manual';
    readonly probeIntervalMs: number;
    readonly failureThreshold: number;
    /** Async: how far behind a candidate may be, by the last known lag. */
    readonly maxLostSeconds: number;
    readonly delayMs: number;
    readonly uidGap: number;
  };
  readonly paused: boolean;
};

/** What shall be: one `ImapCluster` and its partitions. */
export type ClusterSpec = {
  readonly cluster: ClusterName;
  readonly placement: Placement;
  readonly partitions: readonly PartitionSpec[];
  /** Nothing is done about these, and the routing document goes on saying of them what it says: nobody knows better. */
  readonly unknown?: readonly PartitionName[] | undefined;
};

/** @throws RangeError for a name the spec does not have: the record and the spec have drifted apart. */
export function memberSpec(spec: PartitionSpec, name: MemberName): MemberSpec {
  const found = spec.members.find((member) => member.name === name);
  if (found === undefined) throw new RangeError(`partition ${spec.name} has no member ${name}`);
  return found;
}

/** All members but one. */
export const othersThan = (spec: PartitionSpec, name: MemberName | null): readonly MemberSpec[] =>
  spec.members.filter((member) => member.name !== name);
