import type { CommandResult, MemberCommand } from '#contract/agent-command.ts';
import type { MemberName, PartitionName } from '#contract/names.ts';
import type { Observation } from '#database/observation.ts';
import type { PartitionSpec } from '../../partition/partition-spec.ts';
import type { MemberProblem } from '../../ports.ts';
import type { SqlCredentials } from './sql-credentials.ts';
import type { SqlFailure } from './sql-failure.ts';

/** What is asked of a server beside its replication, whatever its engine. */
export type ServerFacts = {
  readonly version: string;
  /** It has the repository's table of epochs. */
  readonly adopted: boolean;
  /** It takes no writes of mail. */
  readonly readOnly: boolean;
  /** Another one after each start and after each recovery from a crash. */
  readonly life: string;
};

/** Why a server cannot be worked with, for people: what to do. null: it can. */
export type Unfit = MemberProblem;

/** What a server says of itself. */
export type Look = {
  readonly facts: ServerFacts;
  readonly observation: Observation;
  readonly unfit: Unfit | null;
};

/** One look from outside, in a time that is measured. */
export type SqlProbe =
  | ({ readonly ok: true; readonly latencyMs: number } & Look)
  | { readonly ok: false; readonly failure: SqlFailure };

/** What a command is carried out with, whatever the engine. */
export type SqlOrder = {
  /** Epoch under which the operator acts. */
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** What the server shows now has reached its synchronous set. */
  readonly vouch: (life: string) => void;
  /** Log is to be kept for these, from now on. */
  readonly keep: (members: readonly MemberName[]) => void;
};

export type SqlAnswer = Omit<CommandResult, 'kind'>;

/** For whom a server keeps log, and how far each has got, where that is known. */
export type Kept = { readonly members: readonly MemberName[]; readonly received: ReadonlyMap<string, string> };

/** One server that somebody else runs, in the words of its engine. */
export type EngineServer = {
  /**
   * Asks in two ways at once: a session that is kept, and a new connection. A server whose main process hangs still answers old
   * sessions; one whose sessions hang still makes new ones. Never rejects.
   */
  readonly probe: (signal: AbortSignal) => Promise<SqlProbe>;
  /** Over a session that is kept. @throws what `failureOf` tells apart */
  readonly look: (signal: AbortSignal) => Promise<Look>;
  /** A look that counts: no later one was there before it. */
  note(look: Look): void;
  readonly noteFailure: (failure: SqlFailure) => void;
  /** What the copies of one repository have in common, after the looks that counted; null: not known. */
  readonly systemIdentifier: () => string | null;
  /** @throws Impossible where SQL cannot do it, or not in this state; SqlTrouble; what `failureOf` tells apart */
  readonly carryOut: (command: MemberCommand, order: SqlOrder) => Promise<CommandResult>;
  /** What has to be done again and again: every two seconds, where nothing is amiss. */
  readonly maintain: (kept: Kept, signal: AbortSignal) => Promise<void>;
  readonly failureOf: (error: unknown) => SqlFailure;
  /** The server is gone, or hangs: nothing that was asked of it is waited for. */
  readonly drop: () => void;
  /** For good: it is somebody else's server, on which nothing of ours is to stay. */
  readonly close: () => void;
};

export type OpenServersOptions = {
  readonly partition: PartitionSpec;
  readonly credentials: (partition: PartitionName) => Promise<SqlCredentials>;
};

/** All servers of a partition: they know each other. */
export type OpenServers = (options: OpenServersOptions) => ReadonlyMap<MemberName, EngineServer>;
