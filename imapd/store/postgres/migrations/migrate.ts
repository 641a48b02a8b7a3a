import { pause } from '#runtime/deadline.ts';
import { type Connection, firstRow, onlyRow, rows } from '../connection.ts';
import { type Migration, migrations } from './all.ts';

/** The repository was migrated by a newer version of the program. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

/** Any number that nobody else locks: `imap` in ASCII. */
const MIGRATION_LOCK = 0x69_6d_61_70;

/** Somebody held a table that a migration wants for longer than it may wait. Nothing has changed. */
export class SchemaBusy extends Error {
  override readonly name = 'SchemaBusy';
}

/**
 * Whoever waits for a table has everybody behind him wait: for so long at most, then they go first. Writers of mail are done in
 * milliseconds, a large upload in seconds; what holds a table for a minute is no imapd.
 */
export type Patience = { readonly lockMs: number; readonly tries: number; readonly pauseMs: number };
const PATIENCE: Patience = { lockMs: 2_000, tries: 20, pauseMs: 1_000 };
/** lock_not_available, deadlock_detected. */
const BUSY = new Set(['55P03', '40P01']);

export type MigrationReport = { readonly version: number; readonly applied: readonly string[] };

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
  await rows(c, { text: 'SELECT pg_advisory_lock($1)', values: [MIGRATION_LOCK] });
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
      await applyPatiently(c, step, patience);
      applied.push(step.name);
    }
    return { version: newest, applied };
  } finally {
    await rows(c, { text: 'SELECT pg_advisory_unlock($1)', values: [MIGRATION_LOCK] });
  }
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

async function applyPatiently(c: Connection, step: Migration, patience: Patience): Promise<void> {
  const { tries, lockMs, pauseMs } = patience;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await apply(c, step, lockMs);
    } catch (error) {
      const { cause, message } = error as Error;
      if (!BUSY.has((cause as { code?: string } | undefined)?.code ?? '')) throw error;
      if (attempt >= tries) {
        const advice = 'look for old transactions in pg_stat_activity, and end them; it is tried again';
        throw new SchemaBusy(
          `${message}; a table was held through ${tries} tries, and nothing has changed: ${advice}`,
          {
            cause: error,
          },
        );
      }
    }
    await pause(pauseMs);
  }
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
