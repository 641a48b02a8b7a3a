export type ServerAddress = {
  readonly listenAddresses: string;
  readonly port: number;
  readonly socketDirectory: string;
};

/** Sized for 20–200 connections on a small machine; owners override them by `parameters`. */
const tunable: Readonly<Record<string, string>> = {
  max_connections: '220',
  shared_buffers: '64MB',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  wal_keep_size: '64MB',
  // Bodies are many and large, queries are short: planning a parallel or compiled query costs more than it saves.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  // A reader of content on a replica is not cancelled by vacuum on the primary, nor does it hold up replay for long.
  hot_standby_feedback: 'on',
  max_standby_streaming_delay: '5s',
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '2',
  tcp_keepalives_count: '3',
  log_checkpoints: 'off',
};

/** What durability and fencing rest on: nobody overrides these. */
const enforced: Readonly<Record<string, string>> = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_level: 'replica',
  hot_standby: 'on',
  max_wal_senders: '16',
  max_replication_slots: '32',
  superuser_reserved_connections: '5',
  // pg_rewind needs one of checksums and this; both, so that it works on data made by others.
  wal_log_hints: 'on',
  // No restart goes past the agent: it would come back as a writable primary.
  restart_after_crash: 'off',
  archive_mode: 'off',
  // Silence is noticed within two seconds on both ends: replicas are the witnesses of a hung primary.
  wal_sender_timeout: '2s',
  wal_receiver_timeout: '2s',
  wal_receiver_status_interval: '1s',
  wal_retrieve_retry_interval: '50ms',
  // A session that was let in just before a fence must not appear long after it.
  authentication_timeout: '5s',
  password_encryption: 'scram-sha-256',
  unix_socket_permissions: '0700',
  // The agent reads the log: its standard error, in English.
  log_min_messages: 'warning',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_line_prefix: '%m [%p] ',
  lc_messages: 'C',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** Contents of `postgresql.conf`: defaults, the owner's parameters, what must hold, and the file of the posture. */
export function serverSettings(
  address: ServerAddress,
  parameters: Readonly<Record<string, string>>,
  majorVersion: number,
): Record<string, string> {
  return {
    ...tunable,
    ...parameters,
    ...enforced,
    ...(majorVersion >= 17 ? { allow_alter_system: 'off' } : {}),
    listen_addresses: address.listenAddresses,
    port: String(address.port),
    unix_socket_directories: address.socketDirectory,
  };
}
