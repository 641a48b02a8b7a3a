import type { Repository } from '../repository.ts';

/**
 * Settings of a database server that are not the owner's: what the member agent writes itself, what replication, fencing
 * and durability rest on, and directives that would bring in any of these from elsewhere. A star stands for what follows.
 */
const POSTGRESQL = [
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

/** What MariaDB and MySQL have in common. */
const OF_BOTH = [
  // Other names of settings: what they do depends on what follows
  'disable_*',
  'enable_*',
  'loose_*',
  'maximum_*',
  'skip_*',
  // The agent's own files, addresses and log
  'basedir',
  'bind_address',
  'character_set_server',
  'character_sets_dir',
  'chroot',
  'console',
  'datadir',
  'default_time_zone',
  'event_scheduler',
  'general_log_file',
  'help',
  'init_connect',
  'init_file',
  'lc_messages*',
  'log_error*',
  'lower_case_table_names',
  'pid_file',
  'plugin_*',
  'port',
  'port_open_timeout',
  'secure_file_priv',
  'slow_query_log_file',
  'socket',
  'tmpdir',
  'transaction_isolation',
  'user',
  'verbose',
  'version*',
  // Who is let in, and as what
  'default_password_lifetime',
  'disconnect_on_expired_password',
  'local_infile',
  'max_connect_errors',
  'read_only',
  'require_secure_transport',
  'transaction_read_only',
  // What a crash leaves behind
  'innodb_data_*',
  'innodb_doublewrite*',
  'innodb_fast_shutdown',
  'innodb_flush_log_at_*',
  'innodb_flush_method',
  'innodb_force_*',
  'innodb_log_group_home_dir',
  'innodb_read_only',
  'sync_binlog',
  'sync_relay_log*',
  'tc_heuristic_recover',
  // Replication. A replica that replays late, in part, or from elsewhere, would never be caught up
  'binlog_direct_non_transactional_updates',
  'binlog_do_db',
  'binlog_expire_logs_*',
  'binlog_format',
  'binlog_ignore_db',
  'binlog_row_image',
  'gtid_*',
  'init_slave',
  'log_bin',
  'log_bin_index',
  'log_slave_updates',
  'master_*',
  'max_binlog_size',
  'relay_log*',
  'replicate_*',
  'report_*',
  'rpl_*',
  'server_id*',
  'slave_*',
  'sync_master_info',
] as const;

const MARIADB = [
  ...OF_BOTH,
  'aria_log_dir_path',
  'aria_sync_log_dir',
  'binlog_space_limit',
  'bootstrap',
  'debug_*',
  'expire_logs_days',
  'extra_max_connections',
  'extra_port',
  // With it the beginning of a name would do for the name
  'getopt_prefix_matching',
  'init_rpl_role',
  'innodb',
  'log_basename',
  'log_slow_query_file',
  'log_warnings',
  'max_binlog_total_size',
  'max_password_errors',
  // A COMMIT that waits for its replica is never cancelled: it would be reported as done
  'max_statement_time',
  'old_passwords',
  'proxy_protocol_networks',
  'read_binlog_speed_limit',
  'strict_password_validation',
  'wsrep*',
] as const;

const MYSQL = [
  ...OF_BOTH,
  'admin_*',
  'authentication_policy',
  'binlog_error_action',
  'binlog_order_commits',
  'clone_*',
  'daemonize',
  'early_plugin_load',
  'enforce_gtid_consistency',
  'group_replication*',
  'init_replica',
  'initialize*',
  'log_replica_updates',
  'log_timestamps',
  'max_binlog_dump_events',
  'mysqlx*',
  'offline_mode',
  'password_*',
  'replica_*',
  'source_*',
  'sporadic_binlog_dump_fail',
  'super_read_only',
  'sync_source_info',
  'upgrade',
  'validate_config',
  'validate_password*',
] as const;

export type ReservedParameters = {
  /** For people. */
  readonly list: string;
  /** Of the variable `name`, in CEL. */
  readonly cel: string;
  readonly includes: (name: string) => boolean;
};

function reserved(patterns: readonly string[]): ReservedParameters {
  const prefixes = patterns.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  const names = patterns.filter((name) => !name.endsWith('*'));
  return {
    list: patterns.join(', '),
    cel: [
      `name in [${names.map((name) => `'${name}'`).join(', ')}]`,
      ...prefixes.map((prefix) => `name.startsWith('${prefix}')`),
    ].join(' || '),
    includes: (name) => names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix)),
  };
}

export const reservedParameters: Readonly<Record<Repository['engine'], ReservedParameters>> = {
  postgresql: reserved(POSTGRESQL),
  mariadb: reserved(MARIADB),
  mysql: reserved(MYSQL),
};
