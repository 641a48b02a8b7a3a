import type { JWK } from 'jose';
import type { Registry } from 'prom-client';
import type { CommandResult, MemberCommand } from '#contract/agent-command.ts';
import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName, PartitionName } from '#contract/names.ts';
import type { HeartbeatAnswer, Peers, PushAck } from '#contract/push-api.ts';
import type { MemberEndpoint, RoutingDocument } from '#contract/routing-document.ts';
import type { ReasonOf } from '#crds/condition-table.ts';
import type { Code } from '#runtime/error-codes.ts';
import type { Logger } from '#runtime/logger.ts';
import type { PartitionRecord } from './partition/record.ts';

/**
 * Everything the core asks of the world. Kubernetes and standalone are two sets of these; the core knows neither pods'
 * manifests nor files. Expected outcomes are values; a port that throws has met something nobody foresaw.
 */
export type Ports = {
  readonly members: MemberControl;
  readonly records: RecordStore;
  readonly routing: RoutingStore;
  readonly pods: Pods;
  readonly podApi: PodApi;
  readonly jobs: Jobs;
  readonly events: Events;
  readonly clock: Clock;
  readonly keys: Keys;
  readonly log: Logger;
  readonly metrics: Registry;
};

export type Clock = {
  /** Milliseconds since 1970: for what is written down. */
  now(): number;
  /** Milliseconds since some moment, never going back: for what is waited for. */
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<'elapsed' | 'aborted'>;
};

export type Keys = {
  /** Signs routing documents, heartbeats and commands; read anew each time, so that it can be replaced. */
  signing(): Promise<JWK>;
};

/** How the last attempt to reach a process ended. Refused and reset are hard evidence, silence is soft. */
export type ContactFailure = 'refused' | 'reset' | 'timeout';

/**
 * A process of a member that has ended, with everything it had started. `instance`: as in `AgentReport`. `at`: milliseconds
 * since 1970 by the clock of its host, the one of `AgentReport.startedAt`, in whole seconds. `replacedAt`: when the next
 * process of the instance began, by the same clock; null: there is none.
 */
export type ProcessEnd = {
  readonly instance: string;
  readonly at: number;
  readonly exitCode: number;
  readonly replacedAt: number | null;
};

/**
 * What the platform says of a member; never what it does not say. `leaving`: told to end, or about to be. `gone`: on nobody's
 * list any more, though its host is well; it may be ending still. `hostLost`: its host does not answer the platform, so
 * that nothing of what was asked for need have happened there. `unknown`: nothing is said.
 */
export type PlatformSighting = {
  /** Of whom `state` speaks. */
  readonly instance: string;
  readonly state: 'there' | 'leaving' | 'gone' | 'hostLost' | 'unknown';
  /** The newest of each instance that is remembered. */
  readonly ends: readonly ProcessEnd[];
};

/** Why a server that somebody else runs cannot be worked with; `code` is a reason of the condition `MembersUsable`. */
export type MemberProblem = { readonly code: ReasonOf<'MembersUsable'>; readonly message: string };

/** What is known of one member right now. */
export type MemberSighting = {
  readonly connected: boolean;
  /** Why there is no connection; null while there is one, or before the first attempt has ended. */
  readonly failure: ContactFailure | null;
  /** Newest report, kept after the connection is lost: the last that was heard. */
  readonly report: AgentReport | null;
  /** `Clock.monotonic` at which it came. */
  readonly reportedAt: number | null;
  /** What a person has to mend before anything can be done there (servers of somebody else). Absent, or null: nothing. */
  readonly problem?: MemberProblem | null | undefined;
  /** Absent, or null: nobody says anything (standalone; or nothing was heard). */
  readonly platform?: PlatformSighting | null | undefined;
};

export type MemberRequest = {
  readonly partition: PartitionName;
  readonly member: MemberName;
  /** Under which the operator acts; an agent that has obeyed a higher one refuses. */
  readonly epoch: number;
  readonly command: MemberCommand;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * `unreachable`: no answer, and nobody knows whether it was done. `stale`: the agent has obeyed a higher epoch.
 * `impossible`: refused in this state (`code` says why: Diverged, RewindUnavailable …). `failed`: tried in vain.
 */
export type MemberOutcome =
  | { readonly ok: true; readonly result: CommandResult }
  | {
      readonly ok: false;
      readonly failure: 'unreachable' | 'stale' | 'impossible' | 'failed' | 'invalid';
      readonly code: string;
      readonly message: string;
    };

/** A member of which alone something was heard: its sighting is another one since. */
export type HeardMember = { readonly member: MemberName; readonly sighting: MemberSighting };

/** `heard`: where that is all that has changed. */
export type OnMembers = (partition: PartitionName, heard?: HeardMember) => void;

export type MemberControl = {
  send(request: MemberRequest): Promise<MemberOutcome>;
  observe(partition: PartitionName): ReadonlyMap<MemberName, MemberSighting>;
  /** Called at every report, gain or loss of a connection, and word of the platform; returns how to stop that. */
  onChange(listener: OnMembers): () => void;
};

export type StoredRecord = { readonly record: PartitionRecord; readonly version: string };

export type RecordStore = {
  load(partition: PartitionName): Promise<StoredRecord | null>;
  /**
   * Durable when it returns. `expected` is the version that was loaded or last saved, null for the first save; another
   * version in the store means that somebody else acts: `conflict`, and nothing was written.
   */
  save(
    partition: PartitionName,
    record: PartitionRecord,
    expected: string | null,
  ): Promise<{ readonly ok: true; readonly version: string } | { readonly ok: false; readonly reason: 'conflict' }>;
};

export type StoredRouting = { readonly document: RoutingDocument; readonly signed: string };

/** The durable routing document (a ConfigMap, a file): what a pod boots from. */
export type RoutingStore = {
  load(): Promise<StoredRouting | null>;
  save(routing: StoredRouting): Promise<void>;
};

export type Pod = {
  readonly name: string;
  /** Base of the admin API: `http://10.0.0.7:8080`. */
  readonly adminUrl: string;
  /** Where it takes hints of changed mailboxes; the admin API's address where left out. */
  readonly hints?: { readonly host: string; readonly port: number } | undefined;
};

export type Pods = { list(): Promise<readonly Pod[]> };

/** `applied`: obeys it. `stale`: has a higher version. `refused`: signature or epoch. */
export type PushOutcome =
  | { readonly kind: 'applied'; readonly ack: PushAck }
  | { readonly kind: 'stale'; readonly current: number; readonly epochs: Readonly<Record<string, number>> }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unreachable'; readonly failure: ContactFailure; readonly message: string };

export type BeatOutcome =
  | { readonly ok: true; readonly answer: HeartbeatAnswer }
  | { readonly ok: false; readonly message: string };

export type PodApi = {
  push(pod: Pod, signed: string, deadlineMs: number): Promise<PushOutcome>;
  heartbeat(pod: Pod, signed: string, deadlineMs: number): Promise<BeatOutcome>;
  peers(pod: Pod, peers: Peers, deadlineMs: number): Promise<boolean>;
};

type Located = { readonly member: MemberName; readonly endpoint: MemberEndpoint };

/** What only imapd's programs can do, since they alone know the mail schema. Each may be run again without harm. */
export type Job =
  | {
      /** `imapd migrate`: bring the schema of the granted primary up to date. */
      readonly kind: 'migrate';
      readonly partition: PartitionName;
      readonly database: string;
      readonly epoch: number;
      readonly writer: Located;
    }
  | {
      /** `imapd salvage`: bring back what only `from` has. `lastEpoch`: under which `from` last served writes. */
      readonly kind: 'salvage';
      readonly partition: PartitionName;
      readonly database: string;
      readonly epoch: number;
      readonly writer: Located;
      readonly from: Located & { readonly lastEpoch: number };
    };

export type JobOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly message: string };

export type Jobs = { run(job: Job, signal: AbortSignal): Promise<JobOutcome> };

export type OperatorEvent = {
  readonly code: Code;
  readonly partition: PartitionName | null;
  readonly message?: string | undefined;
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  /** The condition that has turned; an Event then has its reason in place of the code. */
  readonly condition?: { readonly type: string; readonly reason: string } | undefined;
  /** Events of one code that have this in common are the same again, whatever their messages say; without it the messages decide. */
  readonly series?: string | undefined;
};

export type Events = { emit(event: OperatorEvent): void };
