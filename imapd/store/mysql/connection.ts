import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Answer, Statement, TakeRow } from '#database/mysql/connection/statement.ts';

export type { Statement, Value } from '#database/mysql/connection/statement.ts';

/**
 * What the store needs of a session. It never connects; it begins and commits only what it sends as a whole
 * (operations/batch.ts): everything else is `RepositoryAccess`'s business.
 */
export type Connection = Pick<MysqlConnection, 'batch' | 'execute' | 'eachRow' | 'flavour'>;

async function send(c: Connection, statement: Statement): Promise<Answer> {
  if (statement.prepared === true) return await c.execute(statement);
  const [answer] = await c.batch([statement]);
  return answer as Answer;
}

/** Rows of one statement. */
export async function rows<R>(c: Connection, statement: Statement): Promise<R[]> {
  return (await send(c, statement)).rows as R[];
}

/** First row, or null where there is none. */
export async function firstRow<R>(c: Connection, statement: Statement): Promise<R | null> {
  return (await rows<R>(c, statement))[0] ?? null;
}

/**
 * The one row of a statement that always gives one.
 * @throws Error where it gave none: the schema is not what the code thinks
 */
export async function onlyRow<R>(c: Connection, statement: Statement): Promise<R> {
  const row = await firstRow<R>(c, statement);
  if (row === null) throw new Error(`statement ${statement.name} gave no row`);
  return row;
}

/** How many rows a statement wrote, or found to be so already. */
export async function affected(c: Connection, statement: Statement): Promise<number> {
  return (await send(c, statement)).affected;
}

/** Statements in one round trip, each seeing what was committed before it began: the rows of each. */
export async function batch(c: Connection, statements: readonly Statement[]): Promise<readonly unknown[][]> {
  return (await c.batch(statements)).map(({ rows: each }) => each as unknown[]);
}

/**
 * Rows of one statement, each as it comes and none of them kept: for answers that would be large as a whole.
 * @throws whatever `take` throws, once the statement has ended
 */
export async function eachRow<R>(c: Connection, statement: Statement, take: TakeRow<R>): Promise<void> {
  await c.eachRow<R>(statement, take);
}
