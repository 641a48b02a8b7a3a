import type { Epoch, PartitionName } from '#contract/names.ts';
import type { AtOnce, Attempt, ContentRead, RepositoryAccess } from '../routing/repository-access.ts';
import { resultText, type StoredOperation } from './operations/stored-operation.ts';
import type { OperationId } from './types.ts';

/** The member shows another epoch than the one this access was made for. Nothing was written. */
export class WrongEpoch extends Error {
  override readonly name = 'WrongEpoch';
}

/** A connection of a pool. `giveBack` with an error ends it. */
export type Lent<C> = { readonly connection: C; giveBack(broken?: Error): void };

/** What direct access needs of an engine. */
export interface DirectEngine<C> {
  lend(): Promise<Lent<C>>;
  /** Opens a writing transaction and locks the epoch, which is told; `stored`: what the operation left behind if it is done. */
  begin(
    c: C,
    operation: OperationId,
  ): Promise<{ readonly epoch: number | null; readonly stored: StoredOperation | null }>;
  /** Records the operation, if any, and commits. @throws where it is not known to be committed */
  finish(c: C, done: { readonly operation: OperationId; readonly result: string } | null): Promise<void>;
  rollBack(c: C): Promise<void>;
  /** Whether a transaction that failed should simply run again. */
  isRetryable(error: unknown): boolean;
  /** Of what was sent at once: the server refused it, and nothing has happened. */
  isRefused(error: unknown): boolean;
}

const ATTEMPTS = 5;

/**
 * One member, one epoch, no routing: for the jobs, which are told where to write, and for tests. What fails, fails; the
 * operator runs a job again.
 */
export class DirectAccess<C> implements RepositoryAccess<C> {
  readonly partition: PartitionName;
  readonly epoch: Epoch;
  readonly #engine: DirectEngine<C>;

  constructor(engine: DirectEngine<C>, place: { readonly partition: PartitionName; readonly epoch: Epoch }) {
    this.#engine = engine;
    this.partition = place.partition;
    this.epoch = place.epoch;
  }

  async read<T>(work: (connection: C) => Promise<T>, attempt: Attempt): Promise<T> {
    attempt.signal.throwIfAborted();
    const { connection, giveBack } = await this.#engine.lend();
    try {
      const value = await work(connection);
      giveBack();
      return value;
    } catch (cause) {
      giveBack(cause as Error);
      throw cause;
    }
  }

  readAnywhere<T>(work: (connection: C) => Promise<T>, attempt: Attempt): Promise<T> {
    return this.read(work, attempt);
  }

  readContent<T>(work: (connection: C) => Promise<ContentRead<T>>, attempt: Attempt): Promise<ContentRead<T>> {
    return this.read(work, attempt);
  }

  async mutate<T>(operation: OperationId, work: (transaction: C) => Promise<T>, attempt: Attempt): Promise<T> {
    for (let tries = 1; ; tries++) {
      attempt.signal.throwIfAborted();
      try {
        return await this.#transaction(operation, work);
      } catch (cause) {
        if (tries === ATTEMPTS || !this.#engine.isRetryable(cause)) throw cause;
      }
    }
  }

  async mutateAtOnce<T>({ operation, send, work }: AtOnce<C, T>, attempt: Attempt): Promise<T> {
    try {
      return await this.read((c) => send(c, this.epoch), attempt);
    } catch (cause) {
      if (this.#engine.isRefused(cause)) return await this.mutate(operation, work, attempt);
      throw cause;
    }
  }

  async #transaction<T>(operation: OperationId, work: (transaction: C) => Promise<T>): Promise<T> {
    const { connection, giveBack } = await this.#engine.lend();
    let broken: Error | undefined;
    try {
      const { epoch, stored } = await this.#engine.begin(connection, operation);
      if (epoch !== this.epoch) throw new WrongEpoch(`epoch ${epoch ?? 'none'}, not ${this.epoch}`);
      const result = stored === null ? await work(connection) : (stored.result as T);
      await this.#engine.finish(connection, stored === null ? { operation, result: resultText(result) } : null);
      return result;
    } catch (cause) {
      await this.#engine.rollBack(connection).catch((error: Error) => {
        broken = error;
      });
      throw cause;
    } finally {
      giveBack(broken);
    }
  }
}
