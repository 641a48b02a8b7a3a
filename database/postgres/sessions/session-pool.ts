import type { Client } from 'pg';
import { firstAccepted } from './first-accepted.ts';
import { dropSession, openSession, type SessionTarget } from './session.ts';

/** Passwords that may be right, the likeliest first. */
export type PooledTarget = Omit<SessionTarget, 'password'> & { readonly password: () => readonly string[] };

/**
 * Sessions kept for the next use: opening one costs as much as ten questions, and a failover asks many. A failed use
 * drops its session: an answer that comes late must not meet the next question.
 */
export class SessionPool {
  readonly #target: Omit<SessionTarget, 'password'>;
  readonly #passwords: () => readonly string[];
  readonly #keep: number;
  #idle: Client[] = [];
  /** How often all was dropped: a session of before is not kept when its use ends. */
  #generation = 0;

  constructor({ password, ...target }: PooledTarget, keep: number) {
    this.#target = target;
    this.#passwords = password;
    this.#keep = keep;
  }

  async use<T>(signal: AbortSignal, ask: (client: Client) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const generation = this.#generation;
    const client = this.#idle.pop() ?? (await this.#open(signal));
    const drop = (): void => dropSession(client, signal.reason);
    signal.addEventListener('abort', drop, { once: true });
    try {
      const answer = await ask(client);
      this.#putBack(client, generation);
      return answer;
    } catch (error) {
      dropSession(client);
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', drop);
    }
  }

  /** Drops what is kept, and what is in use as soon as it is not: the server behind it is gone. */
  drop(): void {
    this.#generation += 1;
    for (const client of this.#idle) dropSession(client);
    this.#idle = [];
  }

  #putBack(client: Client, generation: number): void {
    const lost = client.connection.stream.destroyed || generation !== this.#generation;
    if (lost || this.#idle.length >= this.#keep) dropSession(client);
    else this.#idle.push(client);
  }

  async #open(signal: AbortSignal): Promise<Client> {
    // Under a signal of its own: `openSession` ties a session to its signal for life.
    const life = new AbortController();
    const abort = (): void => life.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const client = await firstAccepted(this.#passwords(), (password) =>
        openSession({ ...this.#target, password }, life.signal),
      );
      client.once('end', () => {
        this.#idle = this.#idle.filter((other) => other !== client);
      });
      return client;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
