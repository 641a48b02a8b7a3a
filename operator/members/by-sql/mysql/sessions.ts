import type { DatabaseTls } from '#contract/database-tls.ts';
import type { MemberName } from '#contract/names.ts';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { DurableWrite } from '#database/mysql/sessions/durable-write.ts';
import { enterRepository } from '#database/mysql/sessions/enter-repository.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { SessionPool } from '#database/mysql/sessions/session-pool.ts';
import { Turns } from '#database/mysql/sessions/turns.ts';
import type { SynchronousSet } from '#database/synchronous-set.ts';
import { orAborted } from '#runtime/or-aborted.ts';
import { settled } from '#runtime/settled.ts';
import { readCredentials, type SignedCredentials, type SqlCredentials } from '../sql-credentials.ts';
import { SqlTrouble } from '../sql-trouble.ts';

export type MysqlSessionsOptions = {
  readonly member: MemberName;
  readonly endpoint: MemberEndpoint;
  /** Absent: no TLS. */
  readonly tls?: DatabaseTls | undefined;
  readonly database: string;
  readonly credentials: () => Promise<SqlCredentials>;
};

type Pools = { readonly key: string; readonly watching: SessionPool; readonly commanding: SessionPool };

/**
 * The monitor's, and a look of a command's; and for commands two that work as one, and one that waits: administrators count the
 * connections of their servers.
 */
const KEPT_WATCHING = 2;
const KEPT_COMMANDING = 3;

/** Sessions of the administrator on one server that somebody else runs. */
export class MysqlSessions {
  readonly #options: MysqlSessionsOptions;
  /** What changes replication, or who may write: one at a time. */
  readonly #turns = new Turns();
  #pools: Pools | null = null;
  #durableWrite: Promise<void> = Promise.resolve();
  #durableLife = new AbortController();
  #isClosed = false;

  constructor(options: MysqlSessionsOptions) {
    this.#options = options;
  }

  get endpoint(): MemberEndpoint {
    return this.#options.endpoint;
  }

  /** How all servers of the repository prove who they are. */
  get tls(): DatabaseTls | undefined {
    return this.#options.tls;
  }

  get database(): string {
    return this.#options.database;
  }

  /** See `readCredentials`. */
  credentials(signal: AbortSignal): Promise<SignedCredentials> {
    return readCredentials(this.#options.credentials, signal);
  }

  /** To look: it may wait for nothing for long. */
  async watch<T>(signal: AbortSignal, ask: (admin: MysqlConnection) => Promise<T>): Promise<T> {
    return await (await this.#current(signal)).watching.use(signal, ask);
  }

  /** The next look makes a session. */
  forgetWatching(): void {
    this.#pools?.watching.drop();
  }

  async use<T>(signal: AbortSignal, ask: (admin: MysqlConnection) => Promise<T>): Promise<T> {
    return await (await this.#current(signal)).commanding.use(signal, ask);
  }

  pair<T>(signal: AbortSignal, use: (pair: SessionPair) => Promise<T>): Promise<T> {
    return this.use(signal, (waiter) => this.use(signal, (watcher) => use({ waiter, watcher })));
  }

  /** The same, when those that came before have ended. */
  change<T>(signal: AbortSignal, use: (pair: SessionPair) => Promise<T>): Promise<T> {
    return this.#turns.take(signal, () => this.pair(signal, use));
  }

  /** In the repository's schema. @throws SqlTrouble where there is none */
  inRepository<T>(signal: AbortSignal, ask: (admin: MysqlConnection) => Promise<T>): Promise<T> {
    return this.use(signal, async (admin) => {
      if (await enterRepository(admin, this.database)) return await ask(admin);
      throw new SqlTrouble(`there is no repository ${this.database}`);
    });
  }

  /** A session that waits for replicas is never cancelled: when time is up it is left to wait, and nobody listens. */
  async durably<T>(
    signal: AbortSignal,
    synchronous: Readonly<SynchronousSet>,
    work: (write: DurableWrite) => Promise<T>,
  ): Promise<T> {
    await orAborted(this.#durableWrite, signal);
    const life = new AbortController();
    this.#durableLife = life;
    const attempt = this.inRepository(life.signal, (connection) =>
      work({ connection, synchronous, signal: life.signal }),
    );
    this.#durableWrite = settled(attempt);
    return await orAborted(attempt, signal);
  }

  /**
   * The server behind what is kept is gone, or hangs: nothing that was asked of it is waited for. A commit that waits there goes on
   * waiting: a lost client does not end it.
   */
  drop(): void {
    this.#durableLife.abort(new Error('the server does not answer'));
    this.#pools?.watching.drop();
    this.#pools?.commanding.drop();
  }

  close(): void {
    this.#isClosed = true;
    this.drop();
  }

  async #current(signal: AbortSignal): Promise<Pools> {
    const { username: user, password } = await this.credentials(signal);
    if (this.#isClosed) throw new Error('the server is not ours to use any more');
    const key = JSON.stringify([user, password]);
    if (this.#pools?.key === key) return this.#pools;
    this.#pools?.watching.drop();
    this.#pools?.commanding.drop();
    const { endpoint, tls, member } = this.#options;
    const target = { endpoint, tls, user, passwords: () => [password], programName: `${member}-operator` };
    this.#pools = {
      key,
      watching: new SessionPool({ ...target, role: 'monitor' }, KEPT_WATCHING),
      commanding: new SessionPool({ ...target, role: 'admin' }, KEPT_COMMANDING),
    };
    return this.#pools;
  }
}
