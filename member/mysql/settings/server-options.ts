import type { Flavour } from '#database/mysql/flavour.ts';

export type ServerPlace = {
  readonly serverId: number;
  readonly member: string;
  readonly listenAddresses: string;
  readonly port: number;
  readonly socketPath: string;
  readonly dataDirectory: string;
  readonly pidFile: string;
  /** Of its own: MariaDB, when it starts, removes whatever temporary tables it finds in it, those of other servers too. */
  readonly temporaryDirectory: string;
  /** Statements that the server runs before it takes connections (accounts-file.ts). */
  readonly accountsFile: string;
};

type Options = Readonly<Record<string, string>>;

/** Before all others: what comes after it is read by it. */
const FIRST: Readonly<Record<Flavour, Options>> = {
  // Else it takes the beginning of a name for the name, and who writes `sync_binlo` passes by what is reserved.
  mariadb: { getopt_prefix_matching: '0' },
  mysql: {},
};

/** Sized for 20–200 connections on a small machine; owners override them by `parameters`. */
const tunable: Readonly<Record<Flavour, Options>> = {
  mariadb: {
    max_connections: '220',
    innodb_buffer_pool_size: '64M',
    innodb_log_file_size: '96M',
    max_allowed_packet: '64M',
    // Off, as with PostgreSQL; later versions would make up a certificate that nobody can verify.
    ssl: '0',
    // Each statement as it was sent: of a message all its octets once more, in hexadecimal, in a log that is sent and kept.
    binlog_annotate_row_events: '0',
  },
  mysql: {
    max_connections: '220',
    innodb_buffer_pool_size: '64M',
    innodb_redo_log_capacity: '128M',
    max_allowed_packet: '64M',
    // What it measures of itself takes more memory than all the rest.
    performance_schema: 'OFF',
    // Made up, and verified by nobody: without one, replicas of 9.x do not connect.
    auto_generate_certs: 'ON',
    // A transaction is two events of the log, and of an APPEND there were fifteen: a replica syncs with each before it acknowledges.
    binlog_transaction_compression: 'ON',
    // That is what it is for: messages do not get much smaller by more work.
    binlog_transaction_compression_level_zstd: '1',
  },
};

/** What durability and fencing rest on: nobody overrides these. */
const enforcedOfBoth: Options = {
  innodb_flush_log_at_trx_commit: '1',
  sync_binlog: '1',
  innodb_doublewrite: 'ON',
  innodb_fast_shutdown: '1',
  log_bin: 'bin',
  relay_log: 'relay',
  binlog_format: 'ROW',
  binlog_row_image: 'FULL',
  // The agent says what is kept, and for whom (replication/purge.ts): age is no reason.
  binlog_expire_logs_seconds: '0',
  max_binlog_size: '64M',
  // Open to nobody, and following nobody, until the agent has looked at it.
  read_only: '1',
  transaction_isolation: 'READ-COMMITTED',
  character_set_server: 'utf8mb4',
  // Without names of hosts nobody is shut out for connections that the probe leaves unfinished either.
  skip_name_resolve: '1',
  local_infile: '0',
  event_scheduler: 'OFF',
  lower_case_table_names: '0',
};

const enforced: Readonly<Record<Flavour, Options>> = {
  mariadb: {
    log_slave_updates: '1',
    // What was received outlives no start, synced or not: replication by GTID begins by throwing it away. So it is not synced, and where
    // a crash has left it in pieces nobody reads them.
    sync_relay_log: '0',
    relay_log_recovery: '1',
    skip_slave_start: '1',
    // As many commit together at most: with 4 a replica fell behind 8 writers, with 16 and 32 on two cores too.
    slave_parallel_threads: '8',
    slave_parallel_mode: 'optimistic',
    // A deadlock, a row that is locked: as often as it takes. An applier that gives up stands still until it is told to go on.
    slave_transaction_retries: '4294967295',
    // Silence is noticed within two seconds: replicas are the witnesses of a hung primary.
    slave_net_timeout: '2',
    gtid_domain_id: '1',
    gtid_strict_mode: '1',
    plugin_load_add: 'auth_ed25519',
    rpl_semi_sync_master_timeout: '18446744073709551615',
    rpl_semi_sync_master_wait_point: 'AFTER_SYNC',
    rpl_semi_sync_master_wait_no_slave: '1',
    // A replica that crashes with it would cut its own log back, and with it what is to be salvaged.
    rpl_semi_sync_slave_enabled: '0',
    // The probe's greetings are no news.
    log_warnings: '1',
  },
  mysql: {
    log_replica_updates: '1',
    // What was received and acknowledged is on disk, and outlives a start.
    sync_relay_log: '1',
    relay_log_recovery: '0',
    skip_replica_start: '1',
    replica_parallel_workers: '4',
    replica_preserve_commit_order: '1',
    replica_transaction_retries: '4294967295',
    replica_net_timeout: '2',
    gtid_mode: 'ON',
    enforce_gtid_consistency: 'ON',
    rpl_semi_sync_source_timeout: '18446744073709551615',
    rpl_semi_sync_source_wait_point: 'AFTER_SYNC',
    rpl_semi_sync_source_wait_no_replica: '1',
    rpl_semi_sync_replica_enabled: '0',
    secure_file_priv: 'NULL',
    mysqlx: 'OFF',
    binlog_error_action: 'ABORT_SERVER',
    // Errors and warnings.
    log_error_verbosity: '2',
  },
};

/** Plug-ins that a member of MySQL has; MariaDB's are built in, but for one. */
export const mysqlPlugins = ['semisync_source.so', 'semisync_replica.so', 'mysql_clone.so'];

/** They come in options of one name, which a table has once. */
export const pluginLines = (flavour: Flavour): string =>
  flavour === 'mysql' ? mysqlPlugins.map((file) => `plugin_load_add = ${file}\n`).join('') : '';

/** The file's options: defaults, the owner's parameters, and what must hold, behind them. */
export function serverOptions(
  flavour: Flavour,
  place: ServerPlace,
  parameters: Readonly<Record<string, string>>,
): Record<string, string> {
  const forced = {
    ...FIRST[flavour],
    ...enforcedOfBoth,
    ...enforced[flavour],
    server_id: String(place.serverId),
    // By this name an upstream lists who follows it.
    report_host: place.member,
    report_port: String(place.port),
    datadir: place.dataDirectory,
    socket: place.socketPath,
    pid_file: place.pidFile,
    tmpdir: place.temporaryDirectory,
    port: String(place.port),
    bind_address: place.listenAddresses,
    init_file: place.accountsFile,
  };
  const own = Object.entries(parameters).map(([name, value]) => [asSaid(name), value] as const);
  const owners = own.filter(([name]) => !Object.hasOwn(forced, name));
  return { ...FIRST[flavour], ...tunable[flavour], ...Object.fromEntries(owners), ...forced };
}

/** One name for an option, which servers take in several ways. */
const asSaid = (name: string): string => name.replaceAll('-', '_').toLowerCase();
