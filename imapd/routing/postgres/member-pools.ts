import { type ClientBase, DatabaseError, Pool, type PoolClient } from 'pg';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { DatabaseCredentials, ReadCredentials } from '../credentials.ts';
import { ConnectRamp } from './connect-ramp.ts';
import { connectionSettings, type Role } from './connection-settings.ts';
import { MailConnection } from './mail-connection.ts';

export type PoolSizes = { readonly write: number; readonly read: number; readonly content: number };

export type MemberPoolsOptions = {
  readonly database: string;
  readonly applicationName: string;
  readonly sizes: PoolSizes;
  readonly credentials: ReadCredentials;
};

export type Member = { readonly name: string; readonly endpoint: MemberEndpoint };

/** A connection on loan; exactly one of the two gives it back. */
export type Loan = {
  readonly connection: ClientBase;
  /** It is as good as new. */
  giveBack(): void;
  /** Something may still be under way on it: the socket is closed. */
  discard(): void;
};

export type PoolUse = { readonly member: string; readonly role: Role; readonly open: number; readonly waiting: number };

type Entry = { readonly member: string; readonly role: Role; readonly pool: Pool; readonly ramp: ConnectRamp };

/** Idle connections are kept this long, ms: a storm after a failover leaves none behind for ever. */
const IDLE_TIMEOUT_MS = 30_000;
/** SQLSTATEs after which the credentials are read again: password refused, rejected by pg_hba.conf. */
const credentialsRefused = new Set(['28P01', '28000']);

/** Connections to the members of one repository during one epoch: a pool for each pair of member and role. */
export class MemberPools {
  readonly #options: MemberPoolsOptions;
  readonly #pools = new Map<string, Entry>();
  #credentials: Promise<DatabaseCredentials> | null = null;
  #closed = false;

  constructor(options: MemberPoolsOptions) {
    this.#options = options;
  }

  /** A connection of the member. May wait for a turn; fails as connecting fails. */
  async acquire(member: Member, role: Role): Promise<Loan> {
    const { user } = await this.#readCredentials();
    if (this.#closed) throw new Error('Connection terminated: its epoch is over');
    const { host, port } = member.endpoint;
    const key = `${role} ${member.name} ${host}:${port} ${user}`;
    let entry = this.#pools.get(key);
    if (entry === undefined) {
      entry = { member: member.name, role, pool: this.#open(member.endpoint, role, user), ramp: new ConnectRamp() };
      this.#pools.set(key, entry);
    }
    try {
      const { pool, ramp } = entry;
      return loanOf(await (pool.idleCount > 0 ? pool.connect() : ramp.run(() => pool.connect())));
    } catch (error) {
      if (error instanceof DatabaseError && credentialsRefused.has(error.code ?? '')) this.#credentials = null;
      throw error;
    }
  }

  uses(): PoolUse[] {
    return [...this.#pools.values()].map(({ member, role, pool, ramp }) => ({
      member,
      role,
      open: pool.totalCount,
      waiting: pool.waitingCount + ramp.waiting,
    }));
  }

  /** No new connections; idle ones end now, lent ones as they come back. */
  async close(): Promise<void> {
    this.#closed = true;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.end()));
  }

  #readCredentials(): Promise<DatabaseCredentials> {
    if (this.#credentials === null) {
      const reading = this.#options.credentials();
      this.#credentials = reading;
      reading.catch(() => {
        if (this.#credentials === reading) this.#credentials = null;
      });
    }
    return this.#credentials;
  }

  #open(endpoint: MemberEndpoint, role: Role, user: string): Pool {
    const { database, applicationName, sizes } = this.#options;
    const pool = new Pool({
      ...connectionSettings(role),
      host: endpoint.host,
      port: endpoint.port,
      database,
      user,
      password: async () => (await this.#readCredentials()).password,
      application_name: applicationName,
      max: role === 'monitor' || role === 'probe' ? 1 : sizes[role],
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      Client: MailConnection,
    });
    // An idle connection that breaks is dropped by the pool; whoever needs one next learns of it by connecting.
    pool.on('error', () => undefined);
    return pool;
  }
}

function loanOf(connection: PoolClient): Loan {
  return {
    connection,
    giveBack: () => connection.release(),
    discard() {
      if (connection instanceof MailConnection) connection.abandon();
      connection.release(true);
    },
  };
}
