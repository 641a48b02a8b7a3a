import type { Epoch, PartitionName } from '#contract/names.ts';
import type { OperationId } from '../store/types.ts';

/** How long and on whose behalf something may be tried. */
export type Attempt = {
  /** Ends the attempt: the session is gone. Never cancels a COMMIT that is under way. */
  readonly signal: AbortSignal;
  /** Called when the attempt begins to wait for a writer, and again every few seconds while it waits. */
  readonly onHold?: (heldMs: number) => void;
  /** Called when the operation had happened before this call: the answer is the stored one. */
  readonly onRepeated?: () => void;
  /** Nobody waits for it: its statements bear another name than those that somebody has asked for. */
  readonly inBackground?: boolean;
};

/** No writer came within `writeHold`, or no member at all answers. The session answers NO [UNAVAILABLE] and lives on. */
export class RepositoryUnavailable extends Error {
  override readonly name: string = 'RepositoryUnavailable';
}

/** The writer has no disk space left; to wait would not help, so nobody is held. */
export class RepositoryFull extends RepositoryUnavailable {
  override readonly name = 'RepositoryFull';
  /** Nothing was stored for certain. Not so where the server ended in a COMMIT. */
  readonly nothingStored: boolean;

  constructor(message: string, options: ErrorOptions & { readonly nothingStored: boolean }) {
    super(message, options);
    this.nothingStored = options.nothingStored;
  }
}

/** What a read of content found on the member that was asked. */
export type ContentRead<T> =
  | { readonly complete: true; readonly value: T; readonly bytes: number }
  /**
   * The member lacks something that the primary may have. `corrupt` says, for the log, what it has and does not match its
   * hash: such a member is not asked for a while, and another may have a sound copy.
   */
  | { readonly complete: false; readonly missing: number; readonly corrupt?: string | undefined };

/**
 * What lets a mutation go with others. Of those with one key one transaction is under way at a time, for each would have to wait for
 * the COMMIT of the one before; those that come meanwhile go together then. None has happened where the whole has failed.
 */
export type Together<C, T> = {
  readonly key: string;
  /** How much it sends: a transaction takes only so much. */
  readonly octets: number;
  /** This mutation, as `sendAll` knows it: it is that of any of them. */
  readonly part: unknown;
  readonly sendAll: (connection: C, epoch: Epoch, parts: readonly unknown[]) => Promise<readonly T[]>;
};

/** A mutation that needs no answer before its last statement. */
export type AtOnce<C, T> = {
  readonly operation: OperationId;
  /**
   * All of it in one round trip: the lock of the epoch, the work, the operation's row, the end of the transaction. Where the
   * repository is at another epoch, or there is anything that has to be told apart, it fails, and nothing has happened; nor is a
   * transaction left open on the connection, which is used on.
   */
  readonly send: (connection: C, epoch: Epoch) => Promise<T>;
  /** Where several that wait for the same row can be one transaction. */
  readonly together?: Together<C, T>;
  /** The same step by step, as for `mutate`: where `send` has failed, and after a COMMIT of unknown outcome. */
  readonly work: (transaction: C) => Promise<T>;
};

/**
 * Connections to one repository, by class of data. `C` is the engine's connection (PostgreSQL: a `pg` client). The store
 * is written on top of this; sessions never see it. No connection is held between two calls.
 */
export interface RepositoryAccess<C> {
  readonly partition: PartitionName;
  /** Epoch of the target in force; a change tells views to compare themselves whole. */
  readonly epoch: Epoch;

  /** Reads from the primary, waiting at the gate; repeated silently on another writer if the first one dies. */
  read<T>(work: (connection: C) => Promise<T>, attempt: Attempt): Promise<T>;
  /** Like `read`, but from a replica when there is no writer (accounts). */
  readAnywhere<T>(work: (connection: C) => Promise<T>, attempt: Attempt): Promise<T>;
  /**
   * Runs `work` in one transaction of the primary at the epoch in force, with the operation's row. `work` must be
   * repeatable and its result JSON: after a COMMIT of unknown outcome the operation is looked up at the next epoch, behind
   * its barrier, and either its stored result is returned or `work` runs again.
   */
  mutate<T>(operation: OperationId, work: (transaction: C) => Promise<T>, attempt: Attempt): Promise<T>;
  /** Like `mutate`, in one round trip where nothing comes between. */
  mutateAtOnce<T>(mutation: AtOnce<C, T>, attempt: Attempt): Promise<T>;
  /** Reads content from a replica; from the primary if the replica misses something, fails, or lags behind `learntAt`. */
  readContent<T>(
    work: (connection: C) => Promise<ContentRead<T>>,
    attempt: Attempt & { readonly learntAt?: number },
  ): Promise<ContentRead<T>>;
}
