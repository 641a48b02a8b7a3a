import type { DatabaseTls } from '#contract/database-tls.ts';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { Engine } from '#database/engine.ts';
import type { StoredOperation } from '../store/operations/stored-operation.ts';
import type { OperationId } from '../store/types.ts';
import type { ReaderReport } from './reader-board.ts';
import type { Failure } from './repository/failure.ts';

/**
 * What a connection is for.
 *
 *   write    transactions of the primary          read     the primary's mutable rows
 *   content  what never changes, on any member    monitor  positions and health, on any member
 *   probe    a suspected writer, past a pool that may be full of connections that hang
 */
export type Role = 'write' | 'read' | 'content' | 'monitor' | 'probe';

/** What a transaction ends with, on its way to COMMIT: the operation's row, or a write that means nothing. */
export type Last =
  | { readonly kind: 'record'; readonly operation: OperationId; readonly result: string }
  /**
   * Once its COMMIT is acknowledged by as many replicas as the repository promises, so is everything that was committed
   * before it, also what became visible without them.
   */
  | { readonly kind: 'barrier' };

/**
 * What is known of a transaction once COMMIT may have been sent.
 *
 *   committed    acknowledged, the last statement too: on the primary and on as many replicas as the repository promises
 *   rolledBack   the server said that it did not commit. Nothing of it is open on the connection any more
 *   unknown      no answer, or one that promises less than the repository does
 */
export type CommitOutcome = { readonly kind: 'committed' } | NotCommitted;
export type WholeOutcome<T> = { readonly kind: 'committed'; readonly value: T } | NotCommitted;
export type NotCommitted =
  | { readonly kind: 'rolledBack'; readonly cause: unknown }
  | { readonly kind: 'unknown'; readonly cause: unknown };

export type ReaderStatus = Omit<ReaderReport, 'latencyMs'> & {
  /** Where the reader streams from at this moment, as its server writes it; null if it does not. */
  readonly streamingFrom: MemberEndpoint | null;
};

/** A connection on loan; exactly one of the two gives it back. */
export type Loan<C> = {
  readonly connection: C;
  /** It is as good as new. */
  giveBack(): void;
  /** Something may still be under way on it: it is closed. That never cancels a COMMIT. */
  discard(): void;
};

export type PoolOptions = {
  readonly role: Role;
  readonly endpoint: MemberEndpoint;
  /** Absent: no TLS. */
  readonly tls?: DatabaseTls | undefined;
  readonly database: string;
  readonly user: string;
  /** Asked whenever a connection is opened. */
  readonly password: () => string;
  readonly applicationName: string;
  /** Most connections at a time. */
  readonly max: number;
  /** Idle connections are kept this long, ms. */
  readonly idleMs: number;
};

/** Connections of one role to one member. An idle one that breaks is dropped without a word. */
export interface DriverPool<C> {
  /** Connections, those that are idle among them. */
  readonly open: number;
  readonly idle: number;
  /** Calls that wait until one is given back. */
  readonly waiting: number;
  /** Fails as connecting fails; time spent in front of a full pool is no part of that. */
  acquire(): Promise<Loan<C>>;
  /** No new connections; idle ones end now, lent ones as they come back. */
  end(): Promise<void>;
}

/** What routing asks of an engine, whose connections are `C`. How a mutation is settled with it: repository/attempt-mutation.ts. */
export interface Driver<C extends object> {
  readonly engine: Engine;

  openPool(options: PoolOptions): DriverPool<C>;

  /**
   * Begins a writing transaction, keeps the epoch from ending before it does, and looks the operation up.
   * @returns what the operation left behind if it has happened already
   * @throws WrongEpoch; the transaction may be open then, as after any other failure
   */
  beginOperation(c: C, epoch: number, operation: OperationId): Promise<StoredOperation | null>;
  /** The last statement and COMMIT, in one round trip. */
  commit(c: C, last: Last): Promise<CommitOutcome>;
  /** Runs `send`, which sends a transaction as a whole, its COMMIT with it, and tells what is certain of that. */
  sendWhole<T>(c: C, send: () => Promise<T>): Promise<WholeOutcome<T>>;
  /**
   * Commits a barrier: the member is the writer at this epoch, takes writes, and has its replicas.
   * @throws WrongEpoch · NotWritable
   */
  proveWriter(c: C, epoch: number): Promise<CommitOutcome>;

  /** Up to here everything the primary has acknowledged is in its log. */
  writerPosition(c: C): Promise<bigint>;
  /** What a replica says of itself. */
  readerStatus(c: C): Promise<ReaderStatus>;

  classify(error: unknown): Failure;
  /** The operation's row exists: another run of it has committed since this one looked. */
  isRepeated(error: unknown): boolean;
  /** A user that does not exist (yet) looks the same. */
  isPasswordRefused(error: unknown): boolean;
}
