import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Statement } from '#database/mysql/connection/statement.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import { SqlTrouble } from '../sql-trouble.ts';

/** Numbers by the names of global variables. */
export type Settings = Readonly<Record<string, number>>;

const OF_BOTH: Settings = {
  // What was received and acknowledged is on disk.
  sync_relay_log: 1,
  // The monitor leaves connections unfinished, several a second: that is its second look. With names of hosts it would be shut out; while this is less it does not (looks/look.ts).
  max_connect_errors: 2 ** 32 - 1,
};

/**
 * What witnesses need: silence is noticed within two seconds on both ends. With the defaults of a minute every replica of an idle
 * primary would pass for one that has lost it.
 */
export const WATCHFUL: Readonly<Record<Flavour, Settings>> = {
  mariadb: { ...OF_BOTH, slave_net_timeout: 2 },
  mysql: { ...OF_BOTH, replica_net_timeout: 2 },
};

type Variable = { readonly Variable_name: string; readonly Value: string };

export const showVariables = (names: readonly string[]): Statement => ({
  name: 'variables',
  text: 'SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)',
  values: [names],
});

/** By their names in small letters; one that the server does not know is left out. */
export const variablesIn = (rows: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (rows as readonly Variable[]).map(({ Variable_name: name, Value }) => [name.toLowerCase(), Value]),
  );

/** Which of them are not as they should be. */
export const differing = (wanted: Settings, found: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(wanted).filter((name) => found[name] !== String(wanted[name]));

/**
 * Brings settings into force, and has MySQL keep them over a restart. MariaDB forgets them then: they are written again at the next
 * look (tend.ts). What is as it should be is left alone.
 *
 * @throws SqlTrouble where the server does not take them
 */
export async function applySettings(connection: MysqlConnection, wanted: Settings): Promise<void> {
  const names = Object.keys(wanted);
  const read = async () => variablesIn(await rowsOf(connection, showVariables(names)));
  const kept = connection.flavour === 'mysql' ? await readPersisted(connection, names) : null;
  const changed = new Set(differing(wanted, await read()));
  if (kept !== null) for (const name of differing(wanted, kept)) changed.add(name);
  if (changed.size === 0) return;
  const scope = kept === null ? 'GLOBAL' : 'PERSIST';
  const assignments = [...changed].map((name) => `${scope} ${name} = ${wanted[name]}`);
  await connection.batch([{ name: 'settings', text: `SET ${assignments.join(', ')}` }]);
  const ignored = differing(wanted, await read());
  if (ignored.length > 0) throw new SqlTrouble(`the server does not take ${ignored.join(', ')}`);
}

/**
 * Has a server begin read-only when it is started next, whatever it is by then: nobody writes to it before a grant. MariaDB has no
 * statement for that, so its owner has a line for it in the file (fitness/unfit.ts).
 */
export async function closeAtStart(connection: MysqlConnection): Promise<void> {
  if (connection.flavour !== 'mysql') return;
  const kept = await readPersisted(connection, ['read_only', 'super_read_only']);
  if (kept.read_only === 'ON' && kept.super_read_only === 'ON') return;
  await connection.batch([
    { name: 'closed-at-start', text: 'SET PERSIST_ONLY read_only = ON, PERSIST_ONLY super_read_only = ON' },
  ]);
}

async function readPersisted(
  connection: MysqlConnection,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const rows = await rowsOf<{ readonly name: string; readonly value: string }>(connection, {
    name: 'persisted',
    text: `SELECT variable_name AS name, variable_value AS value FROM performance_schema.persisted_variables
WHERE variable_name IN (?)`,
    values: [names],
  });
  return Object.fromEntries(rows.map(({ name, value }) => [name.toLowerCase(), value]));
}
