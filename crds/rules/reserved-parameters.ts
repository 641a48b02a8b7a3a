/**
 * Settings of a PostgreSQL server that are not the owner's: what the member agent writes itself, what replication, fencing
 * and durability rest on, and directives that would bring in any of these from elsewhere. A star stands for what follows.
 */
const RESERVED = [
  // The agent's own files, address and log
  'allow_alter_system',
  'config_file',
  'data_directory',
  'external_pid_file',
  'hba_file',
  'ident_file',
  'imapcluster.*',
  'include*',
  'lc_messages',
  'listen_addresses',
  'log_destination',
  'log_line_prefix',
  'log_min_messages',
  'log_timezone',
  'logging_collector',
  'port',
  'timezone',
  'unix_socket_directories',
  'unix_socket_permissions',
  // Who is let in, and as what
  'authentication_timeout',
  'default_transaction_read_only',
  'password_encryption',
  'superuser_reserved_connections',
  // What a crash leaves behind
  'data_sync_retry',
  'fsync',
  'full_page_writes',
  'restart_after_crash',
  'wal_log_hints',
  // A COMMIT that waits for its replicas is never cancelled: it would be reported as done
  'statement_timeout',
  'transaction_timeout',
  // Replication. A replica that replays late, or from elsewhere, would never be caught up
  'archive_*',
  'hot_standby',
  'idle_replication_slot_timeout',
  'max_replication_slots',
  'max_slot_wal_keep_size',
  'max_wal_senders',
  'primary_conninfo',
  'primary_slot_name',
  'promote_trigger_file',
  'recovery_*',
  'restore_command',
  'synchronous_commit',
  'synchronous_standby_names',
  'wal_level',
  'wal_receiver_status_interval',
  'wal_receiver_timeout',
  'wal_retrieve_retry_interval',
  'wal_sender_timeout',
] as const;

const prefixes = RESERVED.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
const names: readonly string[] = RESERVED.filter((name) => !name.endsWith('*'));

export const reservedParameters = {
  /** For people. */
  list: RESERVED.join(', '),
  /** Of the variable `name`, in CEL. */
  cel: [
    `name in [${names.map((name) => `'${name}'`).join(', ')}]`,
    ...prefixes.map((prefix) => `name.startsWith('${prefix}')`),
  ].join(' || '),
  includes: (name: string): boolean => names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix)),
};
