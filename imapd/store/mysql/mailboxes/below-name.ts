import { type Sql, sql } from '../sql.ts';

/** Condition for names below `name`, however far, as a range of the index: `0` is what comes after `/`. */
export const belowName = (column: Sql, name: string): Sql =>
  sql`(${column} >= ${`${name}/`} AND ${column} < ${`${name}0`})`;
