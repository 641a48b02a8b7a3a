import { Query, type QueryResult, type QueryResultRow, type Connection as Wire } from 'pg';
import type { Connection, Statement } from './connection.ts';

/** A statement that is prepared, as all of them are that commands wait for. */
export type NamedStatement = Statement & { readonly name: string };

/**
 * Statements as one implicit transaction: they go out together with one Sync behind the last, which is the COMMIT (PostgreSQL,
 * "Pipelining" of the extended query protocol). Whichever of them fails, none has happened, and the server does not look at those
 * behind it. However many, it is one round trip, and one answer. Each sees what was committed before it began, and keeps its locks
 * until the end. There is no BEGIN that could be refused while what follows it is done.
 *
 * Nothing else may be under way on the connection.
 *
 * @returns the rows of each
 * @throws DatabaseError of severity ERROR where nothing has happened; anything else leaves open what has
 */
export async function sendAtOnce(c: Connection, statements: readonly NamedStatement[]): Promise<QueryResultRow[][]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly QueryResult[]>();
  c.query(
    new Together(statements, (error, results) => {
      if (error !== null) reject(error);
      else resolve([results].flat());
    }),
  );
  const results = await promise;
  if (results.length !== statements.length) {
    throw new Error(`${results.length} answers to ${statements.length} statements`);
  }
  return results.map(({ rows }) => rows);
}

type Answered = (error: Error | null, results: QueryResult | readonly QueryResult[]) => void;

/** What `pg` has, and its types do not tell of: a query that prepares, binds, describes and executes one statement. */
type PgQuery = Query & {
  name: string;
  text: string;
  values: unknown[];
  prepare(wire: Wire): void;
  handleCommandComplete(message: unknown, wire: Wire): void;
  handleError(error: Error, wire: Wire): void;
};
const PgQuery = Query as unknown as new (first: object, answered: Answered) => PgQuery;

/** Names of statements that went out to be prepared, and of which it is not known yet whether they are. */
type Preparing = { readonly submittedNamedStatements: Record<string, string> };

class Together extends PgQuery {
  readonly statements: readonly NamedStatement[];
  #answered = 0;

  constructor(statements: readonly NamedStatement[], answered: Answered) {
    super({ ...statements[0] }, answered);
    this.statements = statements;
  }

  override submit = (wire: Wire): void => {
    // Else each part of each statement would be a packet of its own.
    wire.stream.cork();
    for (const statement of this.statements) {
      this.#take(statement);
      this.prepare(wire);
    }
    wire.sync();
    wire.stream.uncork();
    this.#take(this.statements[0]);
  };

  /** In place of that of `pg`, which would end the transaction behind each statement. */
  _getRows(wire: Wire): void {
    wire.execute({ portal: '' }, true);
  }

  override handleCommandComplete(message: unknown, wire: Wire): void {
    super.handleCommandComplete(message, wire);
    this.#answered += 1;
    this.#take(this.statements[this.#answered]);
  }

  /** Those behind the one that failed were not prepared: the server has skipped them. */
  override handleError(error: Error, wire: Wire): void {
    const { submittedNamedStatements: preparing } = wire as Wire & Preparing;
    for (const { name } of this.statements) delete preparing[name];
    super.handleError(error, wire);
  }

  /** `pg` takes a statement for prepared by name and text of the query at the moment when the server says so. */
  #take(statement: NamedStatement | undefined): void {
    if (statement === undefined) return;
    this.name = statement.name;
    this.text = statement.text;
    this.values = [...(statement.values ?? [])];
  }
}
