import type { Query, Connection as Wire } from 'mysql2';
import mysql from 'mysql2';
import type { Flavour } from '../flavour.ts';
import { fillIn } from './fill-in.ts';
import { type Column, rowReader } from './read-row.ts';
import { ConnectionLost, errorOf } from './server-error.ts';
import type { Answer, Row, Statement, TakeRow, Value } from './statement.ts';

/** How long a farewell may take, ms. */
const FAREWELL_MS = 1_000;

/**
 * A session of MariaDB or MySQL. One thing is under way at a time: what comes meanwhile waits in here, and is no round trip
 * less. Whoever wants one round trip sends a batch.
 *
 * Everything rejects with ServerError where the server has refused it, and with ConnectionLost where it has not answered.
 */
export class MysqlConnection {
  readonly flavour: Flavour;
  /** What the server calls the session. */
  readonly id: number;
  readonly #wire: Wire;
  readonly #pending = new Set<(error: ConnectionLost) => void>();
  #lost: ConnectionLost | null = null;

  constructor(wire: Wire, about: { readonly flavour: Flavour; readonly id: number }) {
    this.#wire = wire;
    this.flavour = about.flavour;
    this.id = about.id;
    wire.on('error', (cause) => this.#lose(new ConnectionLost(cause.message, { cause })));
  }

  /** Why it is of no use any more; null while it is. */
  get lost(): ConnectionLost | null {
    return this.#lost;
  }

  /** Whether something is under way on it. */
  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  /**
   * Statements in one packet (COM_QUERY), with their values as literals: one round trip however many. The server stops at the
   * first that it refuses; what was done before stays, and a transaction stays open, so whoever began one rolls it back.
   *
   * @returns an answer a statement
   * @throws whatever a `take` throws, once all have ended
   */
  async batch(statements: readonly Statement[]): Promise<readonly Answer[]> {
    return await this.#send(statements);
  }

  /** One statement, prepared once a connection. For texts that are always the same, and for large values: they go as they are. */
  async execute<R = Row>(statement: Statement): Promise<Answer<R>> {
    const [answer] = await this.#send([statement], true);
    return answer as Answer<R>;
  }

  /**
   * Rows of one statement, each as it comes and none of them kept.
   * @throws whatever `take` throws, once the statement has ended
   */
  async eachRow<R = Row>(statement: Statement, take: TakeRow<R>): Promise<void> {
    await this.#send([{ ...statement, take: take as TakeRow }], statement.prepared ?? false);
  }

  /** Ends the connection without a word; what is under way rejects. The server goes on with a COMMIT, and soon ends the rest. */
  abandon(): void {
    this.#lose(new ConnectionLost('the connection was abandoned'));
  }

  /** Ends it politely. */
  async end(): Promise<void> {
    if (this.#lost !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FAREWELL_MS);
    this.#wire.end(() => resolve());
    await promise;
    clearTimeout(timer);
    this.abandon();
  }

  #lose(error: ConnectionLost): void {
    this.#lost ??= error;
    for (const reject of this.#pending) reject(this.#lost);
    this.#pending.clear();
    socketOf(this.#wire).destroy();
  }

  async #send(statements: readonly Statement[], prepared = false): Promise<readonly Answer[]> {
    if (this.#lost !== null) throw new ConnectionLost(this.#lost.message, { cause: this.#lost });
    const { promise, resolve, reject } = Promise.withResolvers<readonly Answer[]>();
    this.#pending.add(reject);
    try {
      const command = this.#command(statements, prepared);
      const answers = new Answers(statements, this.#wire);
      answers.follow(command, { resolve, reject });
      return await promise;
    } finally {
      this.#pending.delete(reject);
    }
  }

  #command(statements: readonly Statement[], prepared: boolean): Query {
    const [first] = statements;
    if (first === undefined) throw new TypeError('a batch of no statements');
    if (!prepared) return this.#wire.query({ sql: statements.map(fillIn).join(';\n') });
    return this.#wire.execute({ sql: first.text, values: (first.values ?? []).map(parameter) }) as Query;
  }
}

/** The stream below the driver's connection, whichever it is at the time: TLS takes the place of the plain one. */
const socketOf = (wire: Wire): { destroy(): void } => (wire as Wire & { readonly stream: { destroy(): void } }).stream;

/** MariaDB does not say what it expects, and the driver's guess for a number is DOUBLE. */
function parameter(value: Value): ReturnType<typeof mysql.TypedParameter.LONGLONG> | string | Buffer | Date | null {
  if (typeof value === 'number' || typeof value === 'bigint') return mysql.TypedParameter.LONGLONG(value);
  if (typeof value === 'boolean') return mysql.TypedParameter.LONGLONG(Number(value));
  if (value === null || typeof value === 'string' || Buffer.isBuffer(value) || value instanceof Date) return value;
  throw new TypeError('a prepared statement takes no lists');
}

type Settle = { resolve(answers: readonly Answer[]): void; reject(error: unknown): void };
/** What the driver's types do not tell of: which answer is under way. */
type Progress = { readonly _resultIndex?: number };
type Written = { readonly affectedRows?: number };

/** Gathers what comes for one command. */
class Answers {
  readonly #statements: readonly Statement[];
  readonly #wire: Wire;
  readonly #answers: { readonly rows: Row[]; affected: number }[] = [];
  #read: ((row: Record<string, unknown>) => Row) | null = null;
  /** Of the statement whose rows are coming. */
  #take: TakeRow | null = null;
  readonly #failures: unknown[] = [];

  constructor(statements: readonly Statement[], wire: Wire) {
    this.#statements = statements;
    this.#wire = wire;
  }

  follow(command: Query, { resolve, reject }: Settle): void {
    command.on('fields', (columns: readonly Column[] | undefined) => {
      this.#take = this.#statements[this.#answers.length]?.take ?? null;
      this.#answers.push({ rows: [], affected: 0 });
      this.#read = columns === undefined ? null : rowReader(columns);
    });
    command.on('result', (result: Record<string, unknown>) => this.#result(result));
    command.on('error', (cause: unknown) => {
      const index = (command as Progress)._resultIndex ?? 0;
      reject(errorOf(cause, { index, name: this.#statements[index]?.name ?? 'batch' }));
    });
    command.on('end', () => {
      if (this.#failures.length > 0) reject(this.#failures[0]);
      else if (this.#answers.length === this.#statements.length) resolve(this.#answers);
      else reject(new Error(`${this.#answers.length} answers to ${this.#statements.length} statements`));
    });
  }

  #result(result: Record<string, unknown>): void {
    const answer = this.#answers.at(-1);
    if (answer === undefined) return;
    if (this.#read === null) {
      answer.affected = (result as Written).affectedRows ?? 0;
      return;
    }
    if (this.#failures.length > 0) return;
    // Thrown inside an event it would meet the driver's parser, in the middle of a packet.
    try {
      const row = this.#read(result);
      if (this.#take === null) answer.rows.push(row);
      else this.#wait(this.#take(row));
    } catch (failure) {
      this.#failures.push(failure);
    }
  }

  #wait(taken: void | Promise<void>): void {
    if (taken === undefined) return;
    this.#wire.pause();
    taken.catch((failure: unknown) => this.#failures.push(failure)).finally(() => this.#wire.resume());
  }
}
