import { poll } from '#runtime/poll.ts';
import { Impossible } from '../../impossible.ts';
import { holdsPosition } from '../../position.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { type Standing, standingOf } from './positions.ts';
import { rebuildFor } from './verdict.ts';
import { wordsOf } from './words.ts';

const POLL_MS = 5;
/** While somebody waits for it. */
const SOON: Pauses = { firstMs: 20, mostMs: 1_000 };

/**
 * Waits until everything received is applied; an applier that stands still is started. What is received and not applied does not
 * outlive a start of MariaDB's replication with both halves stopped, nor one of the server, though it may have been
 * acknowledged: so nothing else is done to a replication before this.
 *
 * @returns the position applied
 * @throws Impossible `Diverged` where the applier cannot go on
 */
export async function awaitApplied(connection: MysqlConnection, signal: AbortSignal): Promise<string> {
  const revival = new Revival(SOON);
  return await poll(POLL_MS, signal, async () => {
    const standing = await standingOf(connection);
    const { status, applied, received } = standing;
    if (status === null || holdsPosition(applied, received)) return applied;
    const failure = await revival.look(connection, standing);
    if (failure !== null) throw new Impossible('Diverged', failure);
    return null;
  });
}

export type Pauses = { readonly firstMs: number; readonly mostMs: number };

/**
 * Has an applier go on that stopped by itself: servers try again what fails for a deadlock, and give up everything else at once, also
 * what passes: a full disk, a thread that somebody ended. Each time in vain the pause before the next is twice as long.
 */
export class Revival {
  readonly #pauses: Pauses;
  #attempts = 0;
  #notBefore = 0;
  #applied = '';

  constructor(pauses: Pauses) {
    this.#pauses = pauses;
  }

  /** @returns why it can never go on, in the server's words */
  async look(connection: MysqlConnection, { status, applied }: Standing): Promise<string | null> {
    if (applied !== this.#applied) this.#attempts = 0;
    this.#applied = applied;
    if (status === null || status.isApplying) return null;
    const failure = status.applierFailure;
    if (failure !== null && rebuildFor(failure) !== null) return failure.message;
    const now = performance.now();
    if (this.#attempts > 0 && now < this.#notBefore) return null;
    this.#notBefore = now + Math.min(this.#pauses.mostMs, this.#pauses.firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    const { replica } = wordsOf[connection.flavour];
    await connection.batch([{ name: 'start-applier', text: `START ${replica} SQL_THREAD` }]);
    return null;
  }
}
