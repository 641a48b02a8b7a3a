import type { Client } from 'pg';
import { dropSession, openSession, type SessionTarget } from './session.ts';

/**
 * Sessions kept for the next use: opening one costs as much as ten questions, and a failover asks many. A failed use
 * drops its session: an answer that comes late must not meet the next question.
 */
export class SessionPool {
  readonly #target: SessionTarget;
  readonly #keep: number;
  #idle: Client[] = [];

  constructor(target: SessionTarget, keep: number) {
    this.#target = target;
    this.#keep = keep;
  }

  async use<T>(signal: AbortSignal, ask: (client: Client) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const client = this.#idle.pop() ?? (await this.#open(signal));
    const drop = (): void => dropSession(client, signal.reason);
    signal.addEventListener('abort', drop, { once: true });
    try {
      const answer = await ask(client);
      this.#putBack(client);
      return answer;
    } catch (error) {
      dropSession(client);
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', drop);
    }
  }

  /** Drops what is kept: the server behind it is gone. */
  drop(): void {
    for (const client of this.#idle) dropSession(client);
    this.#idle = [];
  }

  #putBack(client: Client): void {
    const lost = client.connection.stream.destroyed;
    if (lost || this.#idle.length >= this.#keep) dropSession(client);
    else this.#idle.push(client);
  }

  async #open(signal: AbortSignal): Promise<Client> {
    // Under a signal of its own: `openSession` ties a session to its signal for life.
    const life = new AbortController();
    const abort = (): void => life.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const client = await openSession(this.#target, life.signal);
      client.once('end', () => {
        this.#idle = this.#idle.filter((other) => other !== client);
      });
      return client;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
