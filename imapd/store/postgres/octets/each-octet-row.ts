import { Query } from 'pg';
import type { Connection, Statement } from '../connection.ts';
import { OctetRow } from './octet-row.ts';
import { RowDiverter } from './row-diverter.ts';

/**
 * Rows of one statement in binary, each as it comes and none of them kept: octets come as they are stored. Small
 * ones lie in one piece of memory with those of other rows: who keeps a part of a row for long copies it.
 * @throws whatever `take` throws, once the statement has ended
 */
export async function eachOctetRow(c: Connection, statement: Statement, take: (row: OctetRow) => void): Promise<void> {
  const { values = [], ...rest } = statement;
  const asked = { ...rest, values: [...values], binary: true };
  const query = new Query(asked);
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  const takeRow = (octets: Buffer): void => {
    if (failures.length > 0) return;
    try {
      take(new OctetRow(octets));
    } catch (failure) {
      // Thrown inside an event it would meet the driver, in the middle of a packet.
      failures.push(failure);
    }
  };
  const submit = query.submit.bind(query);
  let diverter: RowDiverter | null = null;
  query.submit = (connection) => {
    diverter = RowDiverter.of(connection.stream);
    return submit(connection);
  };
  // Called by the client when the description of this query's rows is there: those of a query before have all come.
  Object.assign(query, { handleRowDescription: () => diverter?.divert(takeRow) });
  query.on('end', () => resolve());
  query.on('error', reject);
  c.query(query);
  await ended;
  if (failures.length > 0) throw failures[0];
}
