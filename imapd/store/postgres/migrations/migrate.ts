import { applyPatiently, PATIENCE, type Patience, turnTaken } from '../../apply-patiently.ts';
import { type MigrationReport, SchemaTooNew } from '../../schema-versions.ts';
import { type Connection, firstRow, onlyRow, rows } from '../connection.ts';
import { type Migration, migrations } from './all.ts';

/** Any number that nobody else locks: `imap` in ASCII. */
const MIGRATION_LOCK = 0x69_6d_61_70;

/** lock_not_available, deadlock_detected. */
const BUSY = new Set(['55P03', '40P01']);
const isRefused = (error: unknown): boolean => BUSY.has((error as { code?: string } | undefined)?.code ?? '');
const isBusy = (error: unknown): boolean => isRefused((error as Error).cause);
const advice = 'look for old transactions in pg_stat_activity, and end them';

/**
 * Brings the schema `mail` to the newest version, one transaction a migration. Whoever comes second waits for the first
 * and finds nothing to do. Needs a session of its own: the lock belongs to the session, not to a transaction.
 * @throws SchemaTooNew, SchemaBusy
 */
export async function migrate(
  c: Connection,
  steps: readonly Migration[] = migrations,
  patience: Patience = PATIENCE,
): Promise<MigrationReport> {
  await lockSchema(c, patience.turnMs);
  try {
    await ensureVersionTable(c);
    const newest = steps.at(-1)?.version ?? 0;
    const { version } = await onlyRow<{ version: number }>(c, {
      text: 'SELECT coalesce(max(version), 0) AS version FROM mail.schema_version',
    });
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
    await rows(c, { text: 'SELECT pg_advisory_unlock($1)', values: [MIGRATION_LOCK] });
  }
}

async function lockSchema(c: Connection, turnMs: number): Promise<void> {
  await rows(c, { text: `SET lock_timeout = ${turnMs}` });
  try {
    await rows(c, { text: 'SELECT pg_advisory_lock($1)', values: [MIGRATION_LOCK] });
  } catch (error) {
    throw isRefused(error)
      ? turnTaken("pg_locks tells which, by locktype 'advisory', and pg_terminate_backend ends it")
      : error;
  }
  await rows(c, { text: 'RESET lock_timeout' });
}

/** The schema may exist already, made for us by somebody with the right to: CREATE … IF NOT EXISTS would still ask for it. */
async function ensureVersionTable(c: Connection): Promise<void> {
  const schema = await firstRow(c, { text: "SELECT 1 FROM pg_namespace WHERE nspname = 'mail'" });
  if (schema === null) await rows(c, { text: 'CREATE SCHEMA mail' });
  const table = await firstRow(c, {
    text: "SELECT 1 FROM pg_tables WHERE schemaname = 'mail' AND tablename = 'schema_version'",
  });
  if (table !== null) return;
  await rows(c, {
    text: `CREATE TABLE mail.schema_version (
      version integer PRIMARY KEY,
      name text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`,
  });
}

async function apply(c: Connection, step: Migration, lockMs: number): Promise<void> {
  // Without parameters a text may hold many statements, which then are one implicit transaction; BEGIN makes it plain.
  await rows(c, { text: 'BEGIN' });
  try {
    await rows(c, { text: `SET LOCAL lock_timeout = ${lockMs}` });
    await c.query(step.sql);
    await rows(c, {
      text: 'INSERT INTO mail.schema_version (version, name) VALUES ($1, $2)',
      values: [step.version, step.name],
    });
    await rows(c, { text: 'COMMIT' });
  } catch (cause) {
    await rows(c, { text: 'ROLLBACK' });
    throw new Error(`migration ${step.version} (${step.name}) failed: ${(cause as Error).message}`, { cause });
  }
}
