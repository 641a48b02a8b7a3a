import { accountStatements, type RolePasswords, repositoryGrants } from '#database/mysql/bootstrap-sql.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { repositoryEpochDdl } from '#database/mysql/repository-epoch.ts';

export type Furnish = { readonly database: string; readonly passwords: RolePasswords };

/** Accounts, schema and tables of epochs, on an empty primary and in its log. Repeatable: each statement commits by itself. */
export async function furnishServer(connection: MysqlConnection, { database, passwords }: Furnish): Promise<void> {
  const { flavour } = connection;
  await connection.batch([
    ...accountStatements({ flavour, passwords }),
    { name: 'schema', text: `CREATE DATABASE IF NOT EXISTS \`${database}\`` },
    { name: 'enter', text: `USE \`${database}\`` },
    ...repositoryEpochDdl,
    ...repositoryGrants(database),
  ]);
}
