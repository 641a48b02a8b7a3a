import { type ClientBase, Query, type QueryResultRow } from 'pg';

/** What the store needs of a `pg` client. It never connects, begins or commits: that is `RepositoryAccess`'s business. */
export type Connection = Pick<ClientBase, 'query'>;

export type Statement = {
  /**
   * Statements with a name are prepared once a connection: twice the rate of unnamed ones (measured). Names are part of
   * the connection's state, so one name stands for one text for ever.
   */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
};

/** Rows of one statement. Sent at once; on a pipelining connection it does not wait for the ones before it. */
export async function rows<R extends QueryResultRow>(c: Connection, statement: Statement): Promise<R[]> {
  const { values = [], ...rest } = statement;
  const result = await c.query<R>({ ...rest, values: [...values] });
  return result.rows;
}

/** First row, or null where there is none. */
export async function firstRow<R extends QueryResultRow>(c: Connection, statement: Statement): Promise<R | null> {
  return (await rows<R>(c, statement))[0] ?? null;
}

/**
 * The one row of a statement that always gives one.
 * @throws Error where it gave none: the schema is not what the code thinks
 */
export async function onlyRow<R extends QueryResultRow>(c: Connection, statement: Statement): Promise<R> {
  const row = await firstRow<R>(c, statement);
  if (row === null) throw new Error(`statement ${statement.name ?? statement.text} gave no row`);
  return row;
}

/**
 * Rows of one statement, each as it comes and none of them kept: for answers that would be large as a whole.
 * @throws whatever `take` throws, once the statement has ended
 */
export async function eachRow<R extends QueryResultRow>(
  c: Connection,
  statement: Statement,
  take: (row: R) => void,
): Promise<void> {
  const { values = [], ...rest } = statement;
  const query = new Query<R>({ ...rest, values: [...values] });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  // Thrown inside an event it would meet the driver's parser, in the middle of a packet.
  const failures: unknown[] = [];
  query.on('row', (row: R) => {
    if (failures.length > 0) return;
    try {
      take(row);
    } catch (failure) {
      failures.push(failure);
    }
  });
  query.on('end', () => resolve());
  query.on('error', reject);
  c.query(query);
  await ended;
  if (failures.length > 0) throw failures[0];
}
