import { type DatabaseTls, isSameTls } from '#contract/database-tls.ts';
import type { MemberEndpoint, Target } from '#contract/routing-document.ts';
import { tlsRefusal } from '#database/tls/tls-refusal.ts';
import type { Driver, DriverPool, Loan, PoolOptions, Role } from '../driver.ts';
import { ConnectRamp } from './connect-ramp.ts';
import { EpochOver } from './failure.ts';
import { NotSignedIn, SignIn, type SignInOptions } from './sign-in.ts';

export type PoolSizes = { readonly write: number; readonly read: number; readonly content: number };

export type MemberPoolsOptions<C extends object> = SignInOptions & {
  readonly driver: Driver<C>;
  readonly database: string;
  readonly applicationName: string;
  readonly sizes: PoolSizes;
};

/** Of a target: where its members are, and how each proves who it is. */
export type Whereabouts = Pick<Target, 'members' | 'tls'>;

export type Member = { readonly name: string; readonly endpoint: MemberEndpoint };

export type PoolUse = { readonly member: string; readonly role: Role; readonly open: number; readonly waiting: number };

type Entry<C> = {
  readonly member: Member;
  readonly tls: DatabaseTls | undefined;
  readonly role: Role;
  readonly pool: DriverPool<C>;
  readonly max: number;
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
export class MemberPools<C extends object> {
  readonly #options: MemberPoolsOptions<C>;
  readonly #pools: Map<string, Entry<C>>;
  readonly #ramps = new Map<string, ConnectRamp>();
  readonly #signIn: SignIn;
  readonly #ending = new Set<Promise<void>>();
  /** Members that have not proved who they are, since they last did. */
  readonly #unverified = new Set<string>();
  #tls: DatabaseTls | undefined;
  #closed = false;

  constructor(
    options: MemberPoolsOptions<C>,
    tls: DatabaseTls | undefined,
    before?: { readonly pools: Map<string, Entry<C>>; readonly signIn: SignIn },
  ) {
    this.#options = options;
    this.#tls = tls;
    this.#pools = before?.pools ?? new Map();
    this.#signIn = before?.signIn ?? new SignIn(options);
  }

  /**
   * Those for the next term. Replicas that stay where they are, and replicas, are read from over the same connections: else a
   * change of primary would have every process connect anew to every member, at the very moment when all wait for a writer.
   */
  next(now: Whereabouts, writers: readonly (string | null)[]): MemberPools<C> {
    const kept = [...this.#pools].filter(
      ([, entry]) => OUTLIVES_TERMS.includes(entry.role) && !writers.includes(entry.member.name) && isAt(entry, now),
    );
    for (const [key] of kept) this.#pools.delete(key);
    return new MemberPools(this.#options, now.tls, { pools: new Map(kept), signIn: this.#signIn });
  }

  /** A connection of the member. May wait for a turn; fails as connecting fails. */
  async acquire(member: Member, role: Role): Promise<Loan<C>> {
    const tried: string[] = [];
    for (;;) {
      const { user } = await this.#signIn.known();
      if (this.#closed) throw new EpochOver('Connection terminated: its epoch is over');
      try {
        const loan = await this.#connect(this.#entry(member, role, user), tried);
        this.#unverified.delete(member.name);
        return loan;
      } catch (error) {
        this.#sayUnverified(member, error);
        if (!this.#options.driver.isPasswordRefused(error)) throw error;
        await this.#signIn.refused(tried, error);
      }
    }
  }

  uses(): PoolUse[] {
    return [...this.#pools.values()].map(({ member, role, pool, ramp }) => ({
      member: member.name,
      role,
      open: pool.open,
      waiting: pool.waiting + (role === 'write' ? ramp.waiting.first : ramp.waiting.others),
    }));
  }

  /**
   * Members that have moved are not connected to any more where they were, nor any by a certificate that was good enough before. What
   * is lent ends as it comes back.
   */
  keepOnly(now: Whereabouts): void {
    this.#tls = now.tls;
    for (const [key, entry] of this.#pools) {
      if (isAt(entry, now)) continue;
      this.#pools.delete(key);
      const ending = entry.pool.end().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }
  }

  /** No new connections; idle ones end now, lent ones as they come back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.keepOnly({ members: {} });
    await Promise.all(this.#ending);
  }

  /** Once, until it has. */
  #sayUnverified({ name: member }: Member, error: unknown): void {
    const reason = tlsRefusal(error);
    if (reason === null || this.#unverified.has(member)) return;
    this.#unverified.add(member);
    this.#options.log.event('DatabaseNotVerified', { member, reason });
  }

  /** Adds the password that it uses to `tried`. */
  async #connect({ pool, ramp, role, max }: Entry<C>, tried: string[]): Promise<Loan<C>> {
    if (pool.idle > 0) return await pool.acquire();
    const connect = async (): Promise<Loan<C>> => {
      // Only now: those whose turn came before may have been refused, or have found the right password.
      this.#signIn.mayConnect();
      tried.push(this.#signIn.password);
      return await pool.acquire();
    };
    const isOwn = (error: unknown): boolean =>
      error instanceof NotSignedIn || this.#options.driver.isPasswordRefused(error);
    // A full pool opens none before somebody has given one back: whoever waits for that waits without a turn.
    const isFull = (): boolean => pool.idle === 0 && pool.open >= max;
    const turn = async (): Promise<Loan<C> | null> => (isFull() ? null : await connect());
    const loan = isFull() ? null : await ramp.run(turn, { first: role === 'write', isOwn });
    if (loan === null) return await connect();
    this.#signIn.accepted();
    return loan;
  }

  #entry(member: Member, role: Role, user: string): Entry<C> {
    const { host, port } = member.endpoint;
    const key = `${role} ${member.name} ${host}:${port} ${user}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const turns = `${SHARED_TURNS[role] ?? role} ${member.name} ${host}:${port}`;
    const ramp = this.#ramps.getOrInsertComputed(turns, () => new ConnectRamp());
    const max = role === 'monitor' || role === 'probe' ? 1 : this.#options.sizes[role];
    const entry = { member, tls: this.#tls, role, pool: this.#open(member.endpoint, { role, user, max }), max, ramp };
    this.#pools.set(key, entry);
    return entry;
  }

  #open(endpoint: MemberEndpoint, use: Pick<PoolOptions, 'role' | 'user' | 'max'>): DriverPool<C> {
    const { driver, database, applicationName } = this.#options;
    const password = (): string => this.#signIn.password;
    const tls = this.#tls;
    return driver.openPool({ ...use, endpoint, tls, database, applicationName, password, idleMs: IDLE_TIMEOUT_MS });
  }
}

function isAt({ member: { name, endpoint }, tls }: Pick<Entry<never>, 'member' | 'tls'>, now: Whereabouts): boolean {
  const there = now.members[name];
  return there?.host === endpoint.host && there.port === endpoint.port && isSameTls(tls, now.tls);
}
