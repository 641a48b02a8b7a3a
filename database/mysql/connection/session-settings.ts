import type { Flavour } from '../flavour.ts';
import type { Statement } from './statement.ts';

/**
 * What a session is for.
 *
 *   write    transactions of the primary          read     the primary's mutable rows
 *   content  what never changes, on any member    monitor  positions and health, on any member
 *   admin    the agent's and the jobs' own: no limits of time
 */
export type SessionRole = 'write' | 'read' | 'content' | 'monitor' | 'admin';

/** Longest wait for what another transaction holds, seconds; then the transaction is run again. */
const LOCK_S = 5;
/** After this the server ends a transaction that we abandoned without its noticing, seconds; less than any writeHold. */
export const IDLE_IN_TRANSACTION_S = 5;
/** Above the 30 s after which a pool gives up a connection that nobody needs. */
export const IDLE_S = 35;
const READ_STATEMENT_S = 30;
const MONITOR_STATEMENT_S = 2;

/**
 * How the SQL of this project is meant, whatever the server's own settings are. First of all how literals are read: of what
 * stands in front of it nothing depends on that.
 */
const meaning = {
  sql_mode: "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
  time_zone: "'+00:00'",
  autocommit: 1,
  completion_type: "'NO_CHAIN'",
  sql_safe_updates: 0,
  sql_select_limit: 'DEFAULT',
  // What aggregates make of many rows would be cut off there, without an error.
  group_concat_max_len: 64 * 1024 * 1024,
};

/**
 * A long list of ranges goes by the index however long it is. Left to itself the server reads all of the table instead, and MariaDB
 * makes a table of a list of 1,000 values.
 */
const byIndex: Readonly<Record<Flavour, Settings>> = {
  mariadb: { optimizer_max_sel_arg_weight: 0, in_predicate_conversion_threshold: 0 },
  mysql: { range_optimizer_max_mem_size: 0 },
};

type Settings = Readonly<Record<string, string | number>>;

/**
 * `write` has no limit for statements, for it would end a COMMIT that waits for its replica: the server would report success
 * for what only it has.
 */
function limits(role: SessionRole, flavour: Flavour): Settings {
  const statementS = {
    write: 0,
    admin: 0,
    read: READ_STATEMENT_S,
    content: READ_STATEMENT_S,
    monitor: MONITOR_STATEMENT_S,
  };
  const statement =
    flavour === 'mariadb' ? { max_statement_time: statementS[role] } : { max_execution_time: statementS[role] * 1_000 };
  if (role === 'admin') return statement;
  const locks = { innodb_lock_wait_timeout: LOCK_S, lock_wait_timeout: LOCK_S, wait_timeout: IDLE_S };
  const idle = flavour === 'mariadb' ? { idle_transaction_timeout: IDLE_IN_TRANSACTION_S } : {};
  return { ...statement, ...locks, ...idle };
}

const readsAlone: ReadonlySet<SessionRole> = new Set(['read', 'content', 'monitor']);

/** Sent as one, before anything else; an ordinary user may set all of it. */
export function sessionSettings(role: SessionRole, flavour: Flavour): readonly Statement[] {
  const all = { ...meaning, ...byIndex[flavour], ...limits(role, flavour) };
  const assignments = Object.entries(all).map(([name, value]) => `SESSION ${name} = ${value}`);
  return [
    { name: 'session-names', text: 'SET NAMES utf8mb4 COLLATE utf8mb4_bin' },
    { name: 'session-settings', text: `SET ${assignments.join(', ')}` },
    {
      name: 'session-isolation',
      text: `SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, ${readsAlone.has(role) ? 'READ ONLY' : 'READ WRITE'}`,
    },
  ];
}

/** Whoever sends a batch with a chunk of a message in it needs this much, octets: 256 KiB are 512 in hexadecimal digits. */
const LEAST_PACKET = 4 * 1024 * 1024;

/** The server is set up so that the store would not work on it. */
export class ServerUnfit extends Error {
  override readonly name = 'ServerUnfit';
}

/** One row. */
export const selectFitness: Statement = {
  name: 'session-fitness',
  text: 'SELECT @@max_allowed_packet AS packet, @@log_bin AS logged, @@binlog_format AS format',
};

export type Fitness = { readonly packet: number; readonly logged: number; readonly format: string };

/** @throws ServerUnfit, naming the setting */
export function checkFitness({ packet, logged, format }: Fitness): void {
  if (packet < LEAST_PACKET)
    throw new ServerUnfit(`max_allowed_packet is ${packet}; it must be ${LEAST_PACKET} at least`);
  // MIXED, the default of MariaDB, writes rows too at our isolation level, at which the server refuses anything else.
  if (logged === 1 && format === 'STATEMENT')
    throw new ServerUnfit('binlog_format is STATEMENT; it must be ROW or MIXED');
}
