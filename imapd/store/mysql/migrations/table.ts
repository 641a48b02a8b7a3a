import type { Statement } from '../connection.ts';

/** A table of the mail, as a statement that may be run again. */
export function table(name: string, columns: string): Statement {
  return {
    name: `schema-${name}`,
    text: `CREATE TABLE IF NOT EXISTS ${name} (${columns}
    ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  };
}
