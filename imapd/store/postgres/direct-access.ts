import { DatabaseError, type Pool, type PoolClient } from 'pg';
import type { Epoch, PartitionName } from '#contract/names.ts';
import { lockEpoch } from '#database/postgres/repository-epoch.ts';
import type { AtOnce, Attempt, ContentRead, RepositoryAccess } from '../../routing/repository-access.ts';
import type { OperationId } from '../types.ts';
import type { Connection } from './connection.ts';
import { enterOperation, recordOperation, resultText } from './operations/operations.ts';
import { isRetryable } from './operations/retryable.ts';

/** The member shows another epoch than the one this access was made for. Nothing was written. */
export class WrongEpoch extends Error {
  override readonly name = 'WrongEpoch';
}

const ATTEMPTS = 5;

/**
 * One member, one epoch, no routing: for the jobs, which are told where to write, and for tests. What fails, fails; the
 * operator runs a job again.
 */
export class DirectAccess implements RepositoryAccess<Connection> {
  readonly partition: PartitionName;
  readonly epoch: Epoch;
  readonly #pool: Pool;

  constructor(pool: Pool, place: { readonly partition: PartitionName; readonly epoch: Epoch }) {
    this.#pool = pool;
    this.partition = place.partition;
    this.epoch = place.epoch;
  }

  async read<T>(work: (connection: Connection) => Promise<T>, attempt: Attempt): Promise<T> {
    attempt.signal.throwIfAborted();
    const client = await this.#pool.connect();
    try {
      const value = await work(client);
      client.release();
      return value;
    } catch (cause) {
      client.release(cause as Error);
      throw cause;
    }
  }

  readAnywhere<T>(work: (connection: Connection) => Promise<T>, attempt: Attempt): Promise<T> {
    return this.read(work, attempt);
  }

  readContent<T>(work: (connection: Connection) => Promise<ContentRead<T>>, attempt: Attempt): Promise<ContentRead<T>> {
    return this.read(work, attempt);
  }

  async mutate<T>(operation: OperationId, work: (transaction: Connection) => Promise<T>, attempt: Attempt): Promise<T> {
    for (let tries = 1; ; tries++) {
      attempt.signal.throwIfAborted();
      try {
        return await this.#transaction(operation, work);
      } catch (cause) {
        if (tries === ATTEMPTS || !isRetryable(cause)) throw cause;
      }
    }
  }

  async mutateAtOnce<T>({ operation, send, work }: AtOnce<Connection, T>, attempt: Attempt): Promise<T> {
    try {
      return await this.read((c) => send(c, this.epoch), attempt);
    } catch (cause) {
      if (cause instanceof DatabaseError && cause.severity === 'ERROR')
        return await this.mutate(operation, work, attempt);
      throw cause;
    }
  }

  async #transaction<T>(operation: OperationId, work: (transaction: Connection) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      const [, door] = await Promise.all([client.query(`BEGIN; ${lockEpoch}`), enterOperation(client, operation)]);
      if (door.epoch !== this.epoch) throw new WrongEpoch(`epoch ${door.epoch ?? 'none'}, not ${this.epoch}`);
      const result = door.stored === null ? await work(client) : (door.stored.result as T);
      await finish(client, door.stored === null ? { operation, result: resultText(result) } : null);
      return result;
    } catch (cause) {
      await client.query('ROLLBACK').catch((error: Error) => {
        broken = error;
      });
      throw cause;
    } finally {
      client.release(broken);
    }
  }
}

/** Both in one round trip where the connection pipelines: the lock of the mailbox ends with the second. */
async function finish(client: PoolClient, done: { operation: OperationId; result: string } | null): Promise<void> {
  const recorded = done === null ? null : recordOperation(client, done.operation, done.result);
  const [, committed] = await Promise.all([recorded, client.query('COMMIT')]);
  // COMMIT of a transaction that has failed answers ROLLBACK, without an error.
  if (committed.command !== 'COMMIT') throw new Error(`the transaction ended with ${committed.command}`);
}
