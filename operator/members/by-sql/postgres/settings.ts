import type { Client } from 'pg';
import { poll } from '#runtime/poll.ts';
import { SqlTrouble } from '../sql-trouble.ts';

/** Settings by name. They are written by ALTER SYSTEM and take effect by a reload, so they survive a restart. */
export type Settings = Readonly<Record<string, string>>;

/** Sessions that change settings go by this name; there is one at a time. */
export const SETTINGS_SESSION = 'imapcluster-settings';

/**
 * What witnesses need: silence is noticed within two seconds on both ends. The defaults of PostgreSQL, a minute, would let
 * every replica of an idle primary pass for one that has lost it.
 */
export const WATCHFUL: Settings = {
  wal_sender_timeout: '2s',
  wal_receiver_timeout: '2s',
  wal_receiver_status_interval: '1s',
  wal_retrieve_retry_interval: '50ms',
};

const RELOAD_POLL_MS = 10;
/** The main process reads a file; only one that is stopped takes longer, or one that finds mistakes in it. */
const RELOAD_MS = 5_000;

/** Their value has to be seen to have taken effect, letter for letter. */
const DECISIVE = [
  'default_transaction_read_only',
  'synchronous_standby_names',
  'primary_conninfo',
  'primary_slot_name',
];

/** A password is among the settings: none of it is to be in the server's log, nor among its statistics. */
const UNSEEN = `SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off`;

/** A statement of a session that was given up must not come after ours. */
const END_OTHERS = `SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
WHERE application_name = '${SETTINGS_SESSION}' AND pid <> pg_backend_pid()`;

/**
 * Brings settings into force; returns when a session obeys them, which the main process has read before. What is as it
 * should be is left alone, if the files agree: whoever wrote something else and ended before the reload has left it to the next
 * reload of anybody.
 *
 * @throws SqlTrouble where the server does not take them: its files are broken, or its command line says otherwise
 */
export async function applySettings(admin: Client, wanted: Settings, signal: AbortSignal): Promise<void> {
  await admin.query(UNSEEN);
  await admin.query(END_OTHERS);
  const names = Object.keys(wanted);
  const decisive = names.filter((name) => DECISIVE.includes(name));
  const current = await read(admin, names);
  const written = await readWritten(admin, decisive);
  const changed = names.filter(
    (name) => current[name] !== wanted[name] || (decisive.includes(name) && written[name] !== wanted[name]),
  );
  if (changed.length === 0) return;
  const before = await loadedAt(admin);
  for (const name of changed) {
    await admin.query(`ALTER SYSTEM SET ${name} = ${admin.escapeLiteral(wanted[name] ?? '')}`);
  }
  await admin.query('SELECT pg_reload_conf()');
  await awaitReload(admin, before, signal);
  const now = await read(admin, decisive);
  const ignored = decisive.filter((name) => now[name] !== wanted[name]);
  if (ignored.length > 0)
    throw new SqlTrouble(`the server does not take ${ignored.join(', ')}: see pg_file_settings there`);
}

export type Replacement = { readonly from: Settings; readonly to: Settings };

/**
 * Brings settings into force where the files still say what they are to replace; returns whether they did. Whoever changed them
 * meanwhile, to detach a replica say, is not undone.
 *
 * @throws as `applySettings`
 */
export async function replaceSettings(admin: Client, { from, to }: Replacement, signal: AbortSignal): Promise<boolean> {
  await admin.query(UNSEEN);
  await admin.query(END_OTHERS);
  const names = Object.keys(from);
  const written = await readWritten(admin, names);
  if (names.some((name) => written[name] !== from[name])) return false;
  await applySettings(admin, to, signal);
  return true;
}

async function awaitReload(admin: Client, before: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(RELOAD_MS)]);
  try {
    await poll(RELOAD_POLL_MS, limit, async () => ((await loadedAt(admin)) === before ? null : true));
  } catch (cause) {
    if (signal.aborted || !limit.aborted) throw cause;
    const WRONG =
      "SELECT coalesce(string_agg(name || ': ' || error, '; '), 'unknown why') AS why FROM pg_file_settings WHERE error IS NOT NULL";
    const [row] = (await admin.query<{ why: string }>(WRONG)).rows;
    throw new SqlTrouble(`the server does not read its settings: ${row?.why}`, { cause });
  }
}

async function read(admin: Client, names: readonly string[]): Promise<Record<string, string>> {
  const { rows } = await admin.query<{ name: string; value: string }>(
    'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name',
    [names],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Of several entries the last one counts; what no file says is left out, for it would be the default after the next reload. */
async function readWritten(admin: Client, names: readonly string[]): Promise<Record<string, string>> {
  const { rows } = await admin.query<{ name: string; value: string }>(
    'SELECT lower(name) AS name, setting AS value FROM pg_file_settings WHERE lower(name) = ANY ($1) ORDER BY seqno',
    [names],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

async function loadedAt(admin: Client): Promise<string> {
  const [row] = (await admin.query<{ at: string }>('SELECT pg_conf_load_time()::text AS at')).rows;
  return row?.at ?? '';
}
