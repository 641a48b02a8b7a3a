import { type Connection, rows, type Statement } from '../connection.ts';

/** Values of one statement: with names of 1,024 octets still less than a server takes. */
const AT_ONCE = 500;

export const slices = <T>(all: readonly T[], most = AT_ONCE): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / most) }, (_, i) => all.slice(i * most, (i + 1) * most));

/** Ids of one statement. */
const IDS_AT_ONCE = 10_000;

/** Rows of as many statements as a list of ids takes. */
export async function findInSlices<R>(
  c: Connection,
  ids: readonly string[],
  statement: (some: readonly string[]) => Statement,
): Promise<readonly R[]> {
  const found: R[] = [];
  for (const some of slices(ids, IDS_AT_ONCE)) found.push(...(await rows<R>(c, statement(some))));
  return found;
}
