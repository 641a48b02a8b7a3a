import { ServerError } from '#database/mysql/connection/server-error.ts';
import { errorSets } from '#database/mysql/error-codes.ts';
import { applyPatiently, PATIENCE, type Patience, turnTaken } from '../../apply-patiently.ts';
import { type MigrationReport, SchemaTooNew } from '../../schema-versions.ts';
import { type Connection, onlyRow, rows, type Statement } from '../connection.ts';
import { type Migration, migrations } from './all.ts';

/** Locks by name are the server's, not the schema's; 64 characters are the most. MySQL 9.7 has no SHA1 any more. */
const LOCK = "CONCAT('imapcluster migrate ', LEFT(SHA2(DATABASE(), 256), 40))";
/** How long one question for it waits at most, seconds. */
const LOCK_S = 60;

function isBusy(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof ServerError && errorSets.race.has(cause.errno);
}
const advice = 'look for old transactions in information_schema.innodb_trx, and end them';

/**
 * Brings the schema to the newest version. Whoever comes second waits for the first and finds nothing to do. Needs a session of its
 * own, of a role that writes: the lock is the session's.
 *
 * DDL commits by itself here, so a migration is no transaction: its statements may all be run again, and its number is written last.
 * One that was cut short is begun anew.
 * @throws SchemaTooNew, SchemaBusy
 */
export async function migrate(
  c: Connection,
  steps: readonly Migration[] = migrations,
  patience: Patience = PATIENCE,
): Promise<MigrationReport> {
  await lockSchema(c, patience.turnMs / 1_000);
  try {
    await rows(c, versionTable);
    const newest = steps.at(-1)?.version ?? 0;
    const { version } = await onlyRow<{ version: number }>(c, selectVersion);
    if (version > newest) {
      throw new SchemaTooNew(`the schema has version ${version}; this program knows ${newest} and leaves it alone`);
    }
    const applied: string[] = [];
    for (const step of steps.filter((s) => s.version > version)) {
      await applyPatiently((lockMs) => apply(c, step, lockMs), { isBusy, advice }, patience);
      applied.push(step.name);
    }
    return { version: newest, applied };
  } finally {
    await rows(c, { name: 'migration-unlock', text: `DO RELEASE_LOCK(${LOCK})` });
  }
}

async function lockSchema(c: Connection, turnS: number): Promise<void> {
  for (let left = turnS; left > 0; left -= LOCK_S) {
    const { locked } = await onlyRow<{ locked: number | null }>(c, {
      name: 'migration-lock',
      text: `SELECT GET_LOCK(${LOCK}, ?) AS locked`,
      values: [Math.ceil(Math.min(left, LOCK_S))],
    });
    if (locked === 1) return;
  }
  throw turnTaken(`SELECT IS_USED_LOCK(${LOCK}) in its database tells which, and KILL ends it`);
}

const versionTable: Statement = {
  name: 'migration-table',
  text: `CREATE TABLE IF NOT EXISTS schema_version (
    version INT NOT NULL PRIMARY KEY,
    name VARBINARY(255) NOT NULL,
    applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
  ) ENGINE=InnoDB`,
};

const selectVersion: Statement = {
  name: 'migration-version',
  text: 'SELECT COALESCE(MAX(version), 0) AS version FROM schema_version',
};

/** The server counts whole seconds. */
function waitsFor(ms: number): Statement {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  return {
    name: 'migration-patience',
    text: 'SET SESSION lock_wait_timeout = ?, SESSION innodb_lock_wait_timeout = ?',
    values: [seconds, seconds],
  };
}

async function apply(c: Connection, step: Migration, lockMs: number): Promise<void> {
  await rows(c, waitsFor(lockMs));
  try {
    for (const statement of step.statements) await rows(c, statement);
    await rows(c, {
      name: 'migration-record',
      text: 'INSERT INTO schema_version (version, name) VALUES (?, ?)',
      values: [step.version, step.name],
    });
  } catch (cause) {
    throw new Error(`migration ${step.version} (${step.name}) failed: ${(cause as Error).message}`, { cause });
  }
}
