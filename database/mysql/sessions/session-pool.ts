import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { type OpenConnection, openConnection } from '../connection/open-connection.ts';
import { firstAccepted } from './first-accepted.ts';

/** Passwords that may be right, the likeliest first. */
export type PooledTarget = Omit<OpenConnection, 'password' | 'signal'> & {
  readonly passwords: () => readonly string[];
};

/**
 * Sessions kept for the next use: opening one costs as much as ten questions, and a failover asks many. A failed use
 * drops its sessions: an answer that comes late must not meet the next question.
 */
export class SessionPool {
  readonly #target: PooledTarget;
  readonly #keep: number;
  #idle: MysqlConnection[] = [];
  /** How often all was dropped: a session of before is not kept when its use ends. */
  #generation = 0;

  constructor(target: PooledTarget, keep: number) {
    this.#target = target;
    this.#keep = keep;
  }

  async use<T>(signal: AbortSignal, ask: (connection: MysqlConnection) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const generation = this.#generation;
    const connection = this.#take() ?? (await this.#open(signal));
    const drop = (): void => connection.abandon();
    signal.addEventListener('abort', drop, { once: true });
    try {
      const answer = await ask(connection);
      this.#putBack(connection, generation);
      return answer;
    } catch (error) {
      connection.abandon();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', drop);
    }
  }

  /** Drops what is kept, and what is in use as soon as it is not: the server behind it is gone. */
  drop(): void {
    this.#generation += 1;
    for (const connection of this.#idle) connection.abandon();
    this.#idle = [];
  }

  #take(): MysqlConnection | undefined {
    this.#idle = this.#idle.filter(({ lost }) => lost === null);
    return this.#idle.pop();
  }

  #putBack(connection: MysqlConnection, generation: number): void {
    const isLost = connection.lost !== null || generation !== this.#generation;
    if (isLost || this.#idle.length >= this.#keep) connection.abandon();
    else this.#idle.push(connection);
  }

  async #open(signal: AbortSignal): Promise<MysqlConnection> {
    // Under a signal of its own: a session is tied to its signal for life.
    const life = new AbortController();
    const abort = (): void => life.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const { passwords, ...target } = this.#target;
    try {
      return await firstAccepted(passwords(), (password) =>
        openConnection({ ...target, password, signal: life.signal }),
      );
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
