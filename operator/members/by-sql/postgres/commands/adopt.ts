import { randomBytes } from 'node:crypto';
import { Impossible } from '#database/impossible.ts';
import { databaseSql, quote, rolesSql } from '#database/postgres/bootstrap-sql.ts';
import { SALT_BYTES, scramVerifier } from '#database/postgres/scram-verifier.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import { WATCHFUL } from '../settings.ts';
import type { PostgresHandler, SqlContext } from '../sql-context.ts';
import { MAINTENANCE_DATABASE } from '../sql-server.ts';
import { unfit } from '../unfit.ts';

/**
 * `initialize` of a server that exists: nothing is made but roles, the repository's database where it is missing, and the
 * table of epochs. Its replicas get them by replication.
 */
export const adopt: PostgresHandler<'initialize'> = async (_, context) => {
  const { server, database, signal, members } = context;
  const { facts } = await requireRole(context, 'primary');
  const { rolePasswords } = await server.credentials(signal);
  const problem = unfit(facts, members.length);
  if (problem !== null) throw new Impossible(problem.code, problem.message);
  await server.configure(WATCHFUL, signal);
  const verifier = (password: string): string => scramVerifier(password, randomBytes(SALT_BYTES));
  const { replication, mail, salvage } = rolePasswords;
  const verifiers = { replication: verifier(replication), mail: verifier(mail), salvage: verifier(salvage) };
  await inWritable(context, MAINTENANCE_DATABASE, [rolesSql(verifiers)]);
  if (!facts.hasDatabase) await inWritable(context, MAINTENANCE_DATABASE, [`CREATE DATABASE ${quote(database)}`]);
  server.useDatabase(true);
  await inWritable(context, database, [databaseSql(database)]);
  return await positions(context);
};

/** Each in a message of its own: what makes a database may not be in one with anything else. */
async function inWritable(
  { server, signal }: SqlContext,
  database: string,
  statements: readonly string[],
): Promise<void> {
  await server.inDatabase(database, signal, async (admin) => {
    await admin.query('SET default_transaction_read_only = off');
    for (const statement of statements) await admin.query(statement);
  });
}
