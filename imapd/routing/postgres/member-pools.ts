import { type ClientBase, Pool, type PoolClient } from 'pg';
import type { MemberEndpoint, Target } from '#contract/routing-document.ts';
import { ConnectRamp } from './connect-ramp.ts';
import { connectionSettings, type Role } from './connection-settings.ts';
import { MailConnection } from './mail-connection.ts';
import { isPasswordRefused, NotSignedIn, SignIn, type SignInOptions } from './sign-in.ts';

export type PoolSizes = { readonly write: number; readonly read: number; readonly content: number };

export type MemberPoolsOptions = SignInOptions & {
  readonly database: string;
  readonly applicationName: string;
  readonly sizes: PoolSizes;
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

type Entry = {
  readonly member: Member;
  readonly role: Role;
  readonly pool: Pool;
  readonly ramp: ConnectRamp;
};

/** Idle connections are kept this long, ms: a storm after a failover leaves none behind for ever. */
const IDLE_TIMEOUT_MS = 30_000;

/** What it does is the same whoever writes. */
const OUTLIVES_TERMS: readonly Role[] = ['content', 'monitor'];

/**
 * Opened in turns of each other, writing first: with a new writer everybody wants both at once, and each is a process more that
 * starts on its host. The others have turns of their own: one that hangs must not keep the watch, or a probe, from asking.
 */
const SHARED_TURNS: Readonly<Partial<Record<Role, string>>> = { write: 'state', read: 'state' };

/** Connections to the members of one repository under one writer: a pool for each pair of member and role. */
export class MemberPools {
  readonly #options: MemberPoolsOptions;
  readonly #pools: Map<string, Entry>;
  readonly #ramps = new Map<string, ConnectRamp>();
  readonly #signIn: SignIn;
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(options: MemberPoolsOptions, before?: { readonly pools: Map<string, Entry>; readonly signIn: SignIn }) {
    this.#options = options;
    this.#pools = before?.pools ?? new Map();
    this.#signIn = before?.signIn ?? new SignIn(options);
  }

  /**
   * Those for the next term. Replicas that stay where they are, and replicas, are read from over the same connections: else a
   * change of primary would have every process connect anew to every member, at the very moment when all wait for a writer.
   */
  next(members: Target['members'], writers: readonly (string | null)[]): MemberPools {
    const kept = [...this.#pools].filter(
      ([, { member, role }]) =>
        OUTLIVES_TERMS.includes(role) && !writers.includes(member.name) && isAt(member, members[member.name]),
    );
    for (const [key] of kept) this.#pools.delete(key);
    return new MemberPools(this.#options, { pools: new Map(kept), signIn: this.#signIn });
  }

  /** A connection of the member. May wait for a turn; fails as connecting fails. */
  async acquire(member: Member, role: Role): Promise<Loan> {
    const tried: string[] = [];
    for (;;) {
      const { user } = await this.#signIn.known();
      if (this.#closed) throw new Error('Connection terminated: its epoch is over');
      try {
        return loanOf(await this.#connect(this.#entry(member, role, user), tried));
      } catch (error) {
        if (!isPasswordRefused(error)) throw error;
        await this.#signIn.refused(tried, error);
      }
    }
  }

  uses(): PoolUse[] {
    return [...this.#pools.values()].map(({ member, role, pool, ramp }) => ({
      member: member.name,
      role,
      open: pool.totalCount,
      waiting: pool.waitingCount + (role === 'write' ? ramp.waiting.first : ramp.waiting.others),
    }));
  }

  /** Members that have moved are not connected to any more where they were. What is lent ends as it comes back. */
  keepOnly(members: Target['members']): void {
    for (const [key, { member, pool }] of this.#pools) {
      if (isAt(member, members[member.name])) continue;
      this.#pools.delete(key);
      const ending = pool.end().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }
  }

  /** No new connections; idle ones end now, lent ones as they come back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.keepOnly({});
    await Promise.all(this.#ending);
  }

  /** Adds the password that it uses to `tried`. */
  async #connect({ pool, ramp, role }: Entry, tried: string[]): Promise<PoolClient> {
    if (pool.idleCount > 0) return await pool.connect();
    const connect = async (): Promise<PoolClient> => {
      // Only now: those whose turn came before may have been refused, or have found the right password.
      this.#signIn.mayConnect();
      tried.push(this.#signIn.password);
      return await pool.connect();
    };
    const isOwn = (error: unknown): boolean => error instanceof NotSignedIn || isPasswordRefused(error);
    // A full pool opens none before somebody has given one back: whoever waits for that waits without a turn.
    const isFull = (): boolean => pool.idleCount === 0 && pool.totalCount >= pool.options.max;
    const turn = async (): Promise<PoolClient | null> => (isFull() ? null : await connect());
    const connection = isFull() ? null : await ramp.run(turn, { first: role === 'write', isOwn });
    if (connection === null) return await connect();
    this.#signIn.accepted();
    return connection;
  }

  #entry(member: Member, role: Role, user: string): Entry {
    const { host, port } = member.endpoint;
    const key = `${role} ${member.name} ${host}:${port} ${user}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const turns = `${SHARED_TURNS[role] ?? role} ${member.name} ${host}:${port}`;
    const ramp = this.#ramps.getOrInsertComputed(turns, () => new ConnectRamp());
    const entry = { member, role, pool: this.#open(member.endpoint, role, user), ramp };
    this.#pools.set(key, entry);
    return entry;
  }

  #open(endpoint: MemberEndpoint, role: Role, user: string): Pool {
    const { database, applicationName, sizes } = this.#options;
    const pool = new Pool({
      ...connectionSettings(role),
      host: endpoint.host,
      port: endpoint.port,
      database,
      user,
      password: () => this.#signIn.password,
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

const isAt = ({ endpoint }: Member, now: MemberEndpoint | undefined): boolean =>
  now?.host === endpoint.host && now.port === endpoint.port;

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
