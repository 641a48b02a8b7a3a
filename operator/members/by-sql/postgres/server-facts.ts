import type { Client } from 'pg';
import type { ServerFacts } from '../engine-server.ts';

/** What is asked of a server beside its replication: whether it can be worked with, and what it was told before. */
export type PostgresFacts = ServerFacts & {
  /** Whom we are signed in as. */
  readonly username: string;
  readonly superuser: boolean;
  readonly hasDatabase: boolean;
  readonly conninfo: string;
  readonly slot: string;
  readonly settings: Readonly<Record<string, string>>;
};

/** Settings without which nothing that is promised here holds. */
const NEEDED = [
  'fsync',
  'full_page_writes',
  'synchronous_commit',
  'wal_level',
  'hot_standby',
  'restore_command',
  'recovery_min_apply_delay',
  'max_wal_senders',
  'max_replication_slots',
  'server_version_num',
] as const;

/**
 * pg_settings hides what the role may not see, where current_setting would fail. `life`: of the checkpointer, for a server recovers
 * from a crash while its main process lives on.
 */
const FACTS = `
SELECT current_setting('server_version') AS version, current_user::text AS username,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
  to_regclass('imapcluster.repository_epoch') IS NOT NULL AS adopted,
  EXISTS (SELECT FROM pg_database WHERE datname = $1) AS "hasDatabase",
  coalesce((SELECT setting FROM pg_settings WHERE name = 'primary_conninfo'), '') AS conninfo,
  current_setting('primary_slot_name') AS slot,
  current_setting('default_transaction_read_only')::boolean AS "readOnly",
  coalesce((SELECT backend_start::text FROM pg_stat_activity WHERE backend_type = 'checkpointer'), '') AS life,
  (SELECT json_object_agg(name, setting) FROM pg_settings WHERE name = ANY ($2)) AS settings`;

export async function readFacts(client: Client, database: string): Promise<PostgresFacts> {
  const [facts] = (await client.query<PostgresFacts>(FACTS, [database, NEEDED])).rows;
  if (facts === undefined) throw new Error('the server says nothing of itself');
  return facts;
}
