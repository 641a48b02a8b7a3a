import type { AgentReport, CopiedBy } from '#contract/agent-report.ts';
import type { Observation } from '#database/observation.ts';
import type { RoleName } from '#database/roles.ts';
import type { CopyBegin } from './copying/copy-api.ts';
import type { SynchronousSet, Upstream } from './memory/memory.ts';
import type { LaunchPlan } from './supervisor/supervisor.ts';

/**
 * Who is let in.
 *
 *   closed    the agent, replicas and salvage: a fenced primary
 *   reading   mail too, to read: a replica
 *   serving   mail, to write: a granted primary
 *   salvage   the agent and the salvage role alone
 */
export type Access = 'closed' | 'reading' | 'serving' | 'salvage';

/** Everything about a server's configuration that changes while it lives. */
export type Posture = {
  readonly access: Access;
  /** null: receives from nobody. */
  readonly upstream: Upstream | null;
  readonly synchronous: SynchronousSet;
  readonly retainBytes: number;
};

/** What the data directory holds; `replica` = will start as one. */
export type DataState = 'empty' | 'primary' | 'replica';

export type Progress = (name: string, fraction: number | null) => void;

/** Why a replica cannot go on from where it is: it must be rewound or cloned. */
export type RebuildReason = 'Diverged' | 'LogRemoved';

export type Comparison = 'follows' | 'diverged' | 'unknown' | 'silent';

/**
 * `source`: a replica of `upstream`, which is copied in its place; null: `upstream` is. `agentUrl`: of the agent of whoever is copied;
 * null where it was not told, or there is none.
 */
export type CopyOrigin = {
  readonly upstream: Upstream;
  readonly source: Upstream | null;
  readonly agentUrl: string | null;
};

/** `pieces`: of a copy that is made while they are taken, and given up where no more are. */
export type ServedCopy = { readonly begin: CopyBegin; readonly pieces: AsyncIterable<Buffer> };

export type ProbeFailure = NonNullable<AgentReport['probe']['failure']>;

export type KeepForOptions = {
  readonly members: readonly string[];
  readonly received: ReadonlyMap<string, string>;
  readonly exactly: boolean;
};

/**
 * What the agent needs from a kind of database server; one folder each (`postgres/`). All that talks to the server or
 * runs for long takes a signal, and ends soon after that fires. Everything may be repeated.
 */
export type Engine = {
  /** Version of the server programs. @throws where they are missing or do not run */
  version(): Promise<string>;
  inspect(): Promise<DataState>;
  launchPlan(): LaunchPlan;
  /** `fast`: end sessions, write everything out. `immediate`: end now, recover at the next start. */
  readonly stopSignals: { readonly fast: NodeJS.Signals; readonly immediate: NodeJS.Signals };
  /**
   * Whether a server that runs may be told to end in order. Some then report success to whoever waits in COMMIT: such a one is to be
   * killed. Asked right before; who is let in by then begins nothing any more.
   */
  mayStopGently(signal: AbortSignal): Promise<boolean>;
  /** Whether the server that runs as `pid` takes connections, and goes by the posture that was written for it. */
  isReady(pid: number): Promise<boolean>;

  // Making data
  createEmpty(progress: Progress, signal: AbortSignal): Promise<void>;
  /** Roles, database and the table of epochs in a running, empty primary. */
  furnish(signal: AbortSignal): Promise<void>;
  /**
   * Asked before data are removed for a copy, which may be all that is left. @throws Impossible `CloneUnavailable` where `copyFrom` would,
   * as far as that can be told beforehand. null: nothing forbids a copy for long
   */
  readonly requireDonor: ((origin: CopyOrigin, signal: AbortSignal) => Promise<void>) | null;
  /** Answers in what way the data came. */
  copyFrom(origin: CopyOrigin, progress: Progress, signal: AbortSignal): Promise<CopiedBy>;
  /**
   * The other side of `copyFrom` where it wants the files of a server that runs, which its agent alone has; null: servers of this kind
   * are copied over their own protocol. @throws Impossible `CloneUnavailable`
   */
  readonly serveCopy: ((signal: AbortSignal) => Promise<ServedCopy>) | null;
  /** @throws Impossible `RewindUnavailable` */
  rewindOnto(upstream: Upstream, signal: AbortSignal): Promise<void>;
  /** Ends and removes what an agent that is no more had begun to make. */
  clearUnfinished(): Promise<void>;
  removeData(): Promise<void>;
  /** Makes a stopped server start as a replica, or as a primary. */
  turnInto(role: 'primary' | 'replica'): Promise<void>;

  // Posture
  /** Writes it for the next start. */
  writePosture(posture: Posture): Promise<void>;
  /** Writes it and returns when a running server obeys it in all its processes. */
  applyPosture(posture: Posture, signal: AbortSignal): Promise<void>;
  /** Ends sessions of the mail role. `commitWaiting`: one waits for a synchronous replica in vain and was not touched. */
  endMailSessions(signal: AbortSignal): Promise<'ended' | 'commitWaiting'>;

  // Watching
  observe(signal: AbortSignal): Promise<Observation>;
  /** A new connection, as far as the server's first answer. */
  greet(signal: AbortSignal): Promise<void>;
  failureOf(error: unknown): ProbeFailure;
  /** A log position in bytes since the log began, for metrics: too large to be exact in the end. */
  positionOf(position: string): number;
  /** Takes a line of the server's log; answers what it says about its future as a replica, if anything. */
  hear(logLine: string): RebuildReason | null;
  /** Drops connections that are kept to the server: it is gone. */
  forget(): void;

  // Replication
  /**
   * Whether this server, stopped or running, can go on from `upstream`, which keeps log for it from then on. `unknown`:
   * the own end of the log has not been read; `silent`: the upstream does not answer.
   */
  compare(upstream: Upstream, running: boolean, signal: AbortSignal): Promise<Comparison>;
  /**
   * What this server has and the upstream that it was compared with last has not, for people. null: nothing, or the log of this engine
   * does not tell one change from another.
   */
  errant(): string | null;
  /** Asks the upstream to keep log for this member from now on. */
  reserve(upstream: Upstream, signal: AbortSignal): Promise<void>;
  /** Answers, for one observation after another, whether the replica receives from the upstream that was asked last. */
  attachment(): (observation: Observation) => boolean;
  /** Returns when no receiver runs and none can start, or connect to `upstream`, which the settings name no longer. */
  awaitSilence(upstream: Upstream | null, signal: AbortSignal): Promise<void>;
  awaitApplied(signal: AbortSignal): Promise<void>;
  /** Writes out what is dirty, on a replica not before it has applied what lies before `after`. */
  checkpoint(after: string | null, signal: AbortSignal): Promise<void>;
  /** Returns when no commit is acknowledged any more without the synchronous set that the posture names. */
  settle(signal: AbortSignal): Promise<void>;
  /** Turns a running replica whose posture is written into a primary. */
  promote(signal: AbortSignal): Promise<void>;
  /** Returns when everything that is visible now is on the synchronous set. */
  barrier(signal: AbortSignal): Promise<void>;
  stampEpoch(stamp: { epoch: number; uidGap: number }, signal: AbortSignal): Promise<void>;
  /** Gives the roles of a primary the passwords of the file, durably. Answers whose have changed. */
  renewPasswords(signal: AbortSignal): Promise<readonly RoleName[]>;
  /**
   * Keeps log for these members (`exactly`: and for no other). `received`: how far each is known to be, for members that
   * do not stream from this one.
   */
  keepFor(options: KeepForOptions, signal: AbortSignal): Promise<void>;
  /**
   * Whether commits wait for replicas that are not there, and a copy of this server, which is to be one, for those commits, or will: what
   * the server has sent by now, in octets. null: nothing is held up.
   */
  heldUpCopy(signal: AbortSignal): Promise<number | null>;
};
