import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { awaitReplicas } from '#database/mysql/replication/await-replicas.ts';
import { nudge, waitsInVain } from '#database/mysql/replication/nudge.ts';
import type { DurableWrite } from '#database/mysql/sessions/durable-write.ts';
import { enterRepository } from '#database/mysql/sessions/enter-repository.ts';
import { Turns } from '#database/mysql/sessions/turns.ts';
import type { SynchronousSet } from '#database/synchronous-set.ts';
import { pause } from '#runtime/deadline.ts';
import { orAborted } from '#runtime/or-aborted.ts';
import { settled } from '#runtime/settled.ts';

export type AgentWritesOptions = {
  readonly database: string;
  readonly use: <T>(signal: AbortSignal, use: (connection: MysqlConnection) => Promise<T>) => Promise<T>;
  readonly vainMs?: number;
  readonly stuckMs?: number;
};

/**
 * So long commits have waited although replicas are there, before anything is done for them. Longer than a server counts a replica
 * that is gone (two heartbeats): on MariaDB what is written too early is lost like that before it, and helps nobody any more.
 */
const VAIN_MS = 1_500;

/** So long nobody replies to a nudge although replicas are there: nobody will. Longer than a replica's disk stands still. */
const STUCK_MS = 30_000;
/** Longer than a reply takes. */
const NUDGE_MS = 1_000;

/** What the agent writes to a primary, and replicas must reply to. A session that waits for them is never cancelled: it would say that they did. */
export class AgentWrites {
  readonly #options: AgentWritesOptions;
  /** One at most, also while there are no replicas to wait for: repeated attempts would use up all sessions. */
  readonly #durable = new Turns();
  /** Since when commits are seen to wait in vain. */
  #vainSince: number | null = null;
  /** When the nudge was begun that nobody has replied to. */
  #nudgedAt: number | null = null;

  constructor(options: AgentWritesOptions) {
    this.#options = options;
  }

  /** The server is gone, and what waited there with it. */
  forget(): void {
    this.#vainSince = null;
    this.#nudgedAt = null;
  }

  /** When time is up the session is left to wait, and nobody listens; nothing more is written after that. */
  async durably<T>(
    { synchronous, signal }: { readonly synchronous: Readonly<SynchronousSet>; readonly signal: AbortSignal },
    work: (write: DurableWrite) => Promise<T>,
  ): Promise<T> {
    const { database, use } = this.#options;
    const done = new AbortController();
    const attempt = this.#durable.take(signal, async () => {
      await use(signal, (connection) => awaitReplicas(connection, signal));
      void settled(this.#nudgeUntil(AbortSignal.any([signal, done.signal])));
      return await use(new AbortController().signal, async (connection) => {
        if (!(await enterRepository(connection, database))) throw new Error(`there is no repository ${database}`);
        return await work({ connection, synchronous, signal });
      });
    });
    return await orAborted(attempt, signal).finally(() => done.abort());
  }

  /** While a command waits for what it writes, the agent's maintenance does not come to its turn. */
  async #nudgeUntil(end: AbortSignal): Promise<void> {
    while ((await pause(NUDGE_MS, end)) === 'elapsed') await this.nudge(end);
  }

  /**
   * For commits that wait although all replicas are there. Nobody waits for it: it may wait itself.
   * @returns whether that is in vain, and will be
   */
  async nudge(signal: AbortSignal): Promise<'well' | 'stuck'> {
    const { database, use, vainMs = VAIN_MS, stuckMs = STUCK_MS } = this.#options;
    const isVain = await use(signal, waitsInVain);
    const now = performance.now();
    this.#vainSince = isVain ? (this.#vainSince ?? now) : null;
    if (this.#vainSince === null || now - this.#vainSince < vainMs) return 'well';
    if (this.#nudgedAt !== null) return now - this.#nudgedAt > stuckMs ? 'stuck' : 'well';
    this.#nudgedAt = now;
    const work = use(new AbortController().signal, async (connection) => {
      if (await enterRepository(connection, database)) await nudge(connection);
    });
    void settled(work).finally(() => {
      if (this.#nudgedAt === now) this.#nudgedAt = null;
    });
    return 'well';
  }
}
