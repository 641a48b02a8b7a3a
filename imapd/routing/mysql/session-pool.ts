import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { type OpenConnection, openConnection } from '#database/mysql/connection/open-connection.ts';
import { ConnectionLost } from '#database/mysql/connection/server-error.ts';
import type { SessionRole } from '#database/mysql/connection/session-settings.ts';
import type { DriverPool, Loan, PoolOptions, Role } from '../driver.ts';
import { cancelReads, type Mark, newMark } from './cancel-read.ts';

/** Roles of whose sessions the server itself lets none write; what is under way on them may be cancelled. */
const readsAlone: ReadonlySet<Role> = new Set(['read', 'content', 'monitor']);

type Session = { readonly connection: MysqlConnection; readonly mark: Mark | null };
type Idle = { readonly session: Session; readonly timer: NodeJS.Timeout };

/** Connections of one role to one server of MariaDB or MySQL. Callers are served in the order in which they came. */
export class SessionPool implements DriverPool<MysqlConnection> {
  readonly #options: PoolOptions;
  #idle: Idle[] = [];
  readonly #queue: PromiseWithResolvers<Loan<MysqlConnection>>[] = [];
  /** Lent, or being opened. */
  #busy = 0;
  readonly #leaving = new Set<Promise<void>>();
  #ended: PromiseWithResolvers<void> | null = null;
  /** Sessions whose reading is to be cancelled; null while nobody does that. */
  #cancelling: Mark[] | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get open(): number {
    return this.#busy + this.idle;
  }

  get idle(): number {
    this.#dropLost();
    return this.#idle.length;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  async acquire(): Promise<Loan<MysqlConnection>> {
    if (this.#ended !== null) throw new ConnectionLost('the pool has ended');
    this.#dropLost();
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      this.#busy += 1;
      return this.#lend(idle.session);
    }
    if (this.#busy < this.#options.max) return await this.#openOne();
    const turn = Promise.withResolvers<Loan<MysqlConnection>>();
    this.#queue.push(turn);
    return await turn.promise;
  }

  async end(): Promise<void> {
    this.#ended ??= Promise.withResolvers();
    for (const turn of this.#queue.splice(0)) turn.reject(new ConnectionLost('the pool has ended'));
    for (const { session, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      this.#dismiss(session);
    }
    if (this.#busy === 0) this.#ended.resolve();
    await this.#ended.promise;
    await Promise.all(this.#leaving);
  }

  async #openOne(): Promise<Loan<MysqlConnection>> {
    this.#busy += 1;
    try {
      return this.#lend(await this.#connect());
    } catch (error) {
      this.#busy -= 1;
      this.#next();
      throw error;
    }
  }

  async #connect(): Promise<Session> {
    const { role } = this.#options;
    const mark = readsAlone.has(role) ? newMark() : null;
    const first = mark === null ? [] : [mark.take];
    return { connection: await openConnection({ ...this.#place(), role: sessionRole(role), first }), mark };
  }

  #place(): Pick<OpenConnection, 'endpoint' | 'tls' | 'user' | 'password' | 'database' | 'programName'> {
    const { endpoint, tls, user, password, database, applicationName: programName } = this.#options;
    return { endpoint, tls, user, password: password(), database, programName };
  }

  #lend(session: Session): Loan<MysqlConnection> {
    const { connection, mark } = session;
    return {
      connection,
      giveBack: () => this.#takeBack(session),
      discard: () => {
        const { isBusy } = connection;
        // First of all: nobody must wait for what is under way. That cancels nothing.
        connection.abandon();
        if (isBusy && mark !== null) this.#cancel(mark);
        this.#takeBack(session);
      },
    };
  }

  #takeBack(session: Session): void {
    this.#busy -= 1;
    if (session.connection.lost === null) {
      if (this.#ended !== null) this.#dismiss(session);
      else if (this.#queue.length === 0) this.#keep(session);
      else {
        this.#busy += 1;
        this.#queue.shift()?.resolve(this.#lend(session));
      }
    }
    this.#next();
  }

  #keep(session: Session): void {
    const tooLong = (): void => {
      this.#idle = this.#idle.filter((idle) => idle.session !== session);
      this.#dismiss(session);
    };
    const timer = setTimeout(tooLong, this.#options.idleMs);
    timer.unref();
    this.#idle.push({ session, timer });
  }

  /** There may be room for who waits first; or nobody is left. */
  #next(): void {
    if (this.#ended !== null) {
      if (this.#busy === 0) this.#ended.resolve();
      return;
    }
    if (this.#queue.length === 0 || this.#busy >= this.#options.max) return;
    const turn = this.#queue.shift();
    if (turn !== undefined) this.#openOne().then(turn.resolve, turn.reject);
  }

  #dismiss({ connection }: Session): void {
    const leaving = connection.end().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #dropLost(): void {
    if (this.#idle.every(({ session }) => session.connection.lost === null)) return;
    for (const { session, timer } of this.#idle) if (session.connection.lost !== null) clearTimeout(timer);
    this.#idle = this.#idle.filter(({ session }) => session.connection.lost === null);
  }

  /** By one session at a time, however many are to be cancelled: their server may be one that hangs. */
  #cancel(mark: Mark): void {
    if (this.#cancelling === null) {
      this.#cancelling = [mark];
      void this.#cancelAll();
    } else this.#cancelling.push(mark);
  }

  async #cancelAll(): Promise<void> {
    while (this.#cancelling !== null && this.#cancelling.length > 0) {
      await cancelReads(this.#place(), this.#cancelling.splice(0));
    }
    this.#cancelling = null;
  }
}

/** A probe writes, and waits for its replicas as long as it takes. */
const sessionRole = (role: Role): SessionRole => (role === 'probe' ? 'write' : role);
