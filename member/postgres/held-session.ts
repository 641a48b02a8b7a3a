import type { Client } from 'pg';
import { dropSession, openSession, type SessionTarget } from './session.ts';

/** One session kept open between uses, made again after it was lost. One user at a time. */
export class HeldSession {
  readonly #target: SessionTarget;
  #client: Client | null = null;

  constructor(target: SessionTarget) {
    this.#target = target;
  }

  /** A failed use drops the session: an answer that comes late must not meet the next question. */
  async use<T>(signal: AbortSignal, ask: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#client ?? (await this.#open(signal));
    const drop = (): void => dropSession(client, signal.reason);
    signal.addEventListener('abort', drop, { once: true });
    try {
      return await ask(client);
    } catch (error) {
      this.drop();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', drop);
    }
  }

  drop(): void {
    if (this.#client !== null) dropSession(this.#client);
    this.#client = null;
  }

  async #open(signal: AbortSignal): Promise<Client> {
    // Opened under a signal of its own: `openSession` ties the session to its signal for life.
    const life = new AbortController();
    const abort = (): void => life.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      this.#client = await openSession(this.#target, life.signal);
      return this.#client;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
