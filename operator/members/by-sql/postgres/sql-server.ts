import type { Client } from 'pg';
import type { DatabaseTls } from '#contract/database-tls.ts';
import type { MemberName } from '#contract/names.ts';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import { parseSynchronousNames } from '#database/postgres/replication/synchronous-names.ts';
import type { DurableWrite } from '#database/postgres/sessions/durable-write.ts';
import { withSession } from '#database/postgres/sessions/session.ts';
import { SessionPool } from '#database/postgres/sessions/session-pool.ts';
import { settled } from '#runtime/settled.ts';
import { readCredentials, type SignedCredentials, type SqlCredentials } from '../sql-credentials.ts';
import { applySettings, type Replacement, replaceSettings, SETTINGS_SESSION, type Settings } from './settings.ts';

export type SqlServerOptions = {
  readonly member: MemberName;
  readonly endpoint: MemberEndpoint;
  /** Absent: no TLS. */
  readonly tls?: DatabaseTls | undefined;
  readonly database: string;
  readonly credentials: () => Promise<SqlCredentials>;
};

type Pools = { readonly key: string; readonly work: SessionPool; readonly settings: SessionPool };

/** Where a repository's database has not been made yet. */
export const MAINTENANCE_DATABASE = 'postgres';

/** Sessions of the administrator on one server that somebody else runs. */
export class SqlServer {
  readonly #options: SqlServerOptions;
  #pools: Pools | null = null;
  #database: string;
  #settingsChange: Promise<void> = Promise.resolve();
  #durableWrite: Promise<void> = Promise.resolve();
  #durableLife = new AbortController();
  #isClosed = false;

  constructor(options: SqlServerOptions) {
    this.#options = options;
    this.#database = options.database;
  }

  get endpoint(): MemberEndpoint {
    return this.#options.endpoint;
  }

  /** How all servers of the repository prove who they are. */
  get tls(): DatabaseTls | undefined {
    return this.#options.tls;
  }

  /** The repository's where it exists; whoever finds that it does not goes on without it. */
  useDatabase(exists: boolean): void {
    this.#database = exists ? this.#options.database : MAINTENANCE_DATABASE;
  }

  /** See `readCredentials`. */
  credentials(signal: AbortSignal): Promise<SignedCredentials> {
    return readCredentials(this.#options.credentials, signal);
  }

  async use<T>(signal: AbortSignal, ask: (admin: Client) => Promise<T>): Promise<T> {
    const { work } = await this.#current(signal);
    return await work.use(signal, ask);
  }

  /** A session of its own in a database of its own: `CREATE DATABASE`, and what comes right after it. */
  async inDatabase<T>(database: string, signal: AbortSignal, ask: (admin: Client) => Promise<T>): Promise<T> {
    const { username: user, password } = await this.credentials(signal);
    this.#refuseClosed();
    const { endpoint, tls, member } = this.#options;
    const target = { ...endpoint, tls, user, password, database, applicationName: `${member}-operator` };
    return await withSession(target, signal, ask);
  }

  /** See `applySettings`. */
  async configure(settings: Settings, signal: AbortSignal): Promise<void> {
    await this.#afterOthers(signal, (admin) => applySettings(admin, settings, signal));
  }

  /** See `replaceSettings`. */
  async replace(replacement: Replacement, signal: AbortSignal): Promise<boolean> {
    return await this.#afterOthers(signal, (admin) => replaceSettings(admin, replacement, signal));
  }

  /** One change of settings after the other, each whole. */
  async #afterOthers<T>(signal: AbortSignal, ask: (admin: Client) => Promise<T>): Promise<T> {
    const before = this.#settingsChange;
    const change = (async () => {
      await before;
      signal.throwIfAborted();
      const pools = await this.#current(signal);
      return await pools.settings.use(signal, ask);
    })();
    this.#settingsChange = settled(change);
    return await change;
  }

  /** A session that waits for replicas is never cancelled: when time is up it is left to wait, and nobody listens. */
  async durably<T>(signal: AbortSignal, work: (write: DurableWrite) => Promise<T>): Promise<T> {
    await orAborted(this.#durableWrite, signal);
    const life = new AbortController();
    this.#durableLife = life;
    const attempt = this.use(life.signal, async (admin) => {
      const [row] = (
        await admin.query<{ names: string }>("SELECT current_setting('synchronous_standby_names') AS names")
      ).rows;
      return await work({ admin, synchronous: parseSynchronousNames(row?.names ?? ''), signal: life.signal });
    });
    this.#durableWrite = settled(attempt);
    return await orAborted(attempt, signal);
  }

  /**
   * The server behind what is kept is gone, or hangs: nothing that was asked of it is waited for. A commit that waits there
   * goes on waiting: a lost client does not end it.
   */
  drop(): void {
    this.#durableLife.abort(new Error('the server does not answer'));
    this.#pools?.work.drop();
    this.#pools?.settings.drop();
  }

  /** For good: it is somebody else's server, on which nothing of ours is to stay. */
  close(): void {
    this.#isClosed = true;
    this.drop();
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new Error('the server is not ours to use any more');
  }

  async #current(signal: AbortSignal): Promise<Pools> {
    const { username: user, password } = await this.credentials(signal);
    this.#refuseClosed();
    const key = JSON.stringify([user, password, this.#database]);
    if (this.#pools?.key === key) return this.#pools;
    this.#pools?.work.drop();
    this.#pools?.settings.drop();
    const { endpoint, tls, member } = this.#options;
    const target = { ...endpoint, tls, user, password: () => [password], database: this.#database };
    this.#pools = {
      key,
      work: new SessionPool({ ...target, applicationName: `${member}-operator` }, KEPT_SESSIONS),
      settings: new SessionPool({ ...target, applicationName: SETTINGS_SESSION }, 1),
    };
    return this.#pools;
  }
}

/** The monitor's, and one for a command: administrators count the connections of their servers. */
const KEPT_SESSIONS = 2;

/** Settles like `work`, or rejects with the signal's reason; the work goes on then, and nobody listens. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // A failure that nobody listens to any more is not to end the process.
  void settled(work);
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = (): void => reject(signal.reason);
  signal.addEventListener('abort', aborted, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', aborted);
  }
}
