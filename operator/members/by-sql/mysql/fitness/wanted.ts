import type { Flavour } from '#database/mysql/flavour.ts';

export type Want = { readonly words: string; readonly holds: (value: string) => boolean };

const oneOf = (...values: readonly string[]): Want => ({
  words: values.join(' or '),
  holds: (value) => values.includes(value),
});

const atLeast = (least: number): Want => ({
  words: `at least ${least}`,
  holds: (value) => Number(value) >= least,
});

const nothing: Want = { words: 'empty', holds: (value) => value === '' };

/** A batch with a chunk of a message in it is half a megabyte, and several go together. */
const LEAST_PACKET = 4 * 1024 * 1024;
const DAY_S = 86_400;

const of: Readonly<Record<'both' | Flavour, Readonly<Record<string, Want>>>> = {
  both: {
    log_bin: oneOf('ON'),
    // MIXED writes rows too at our isolation level, at which the server refuses statements.
    binlog_format: oneOf('ROW', 'MIXED'),
    server_id: { words: 'another one than 0', holds: (value) => value !== '0' },
    // Else a primary may come back without what it has acknowledged, and behind its replicas.
    innodb_flush_log_at_trx_commit: oneOf('1'),
    sync_binlog: oneOf('1'),
    max_allowed_packet: atLeast(LEAST_PACKET),
    // 2 writes names in one way and reads them in another.
    lower_case_table_names: oneOf('0', '1'),
    // Sessions of imapd and of the operator are not encrypted.
    require_secure_transport: oneOf('OFF'),
    // It would be run in the sessions of mail, whatever it is.
    init_connect: nothing,
    // Nobody else keeps log for a member that is away.
    binlog_expire_logs_seconds: {
      words: `0 or at least ${DAY_S}`,
      holds: (value) => Number(value) === 0 || Number(value) >= DAY_S,
    },
  },
  mariadb: {
    // Numbers of a domain that go down would be taken for ones that are there already.
    gtid_strict_mode: oneOf('ON'),
    log_slave_updates: oneOf('ON'),
    innodb_doublewrite: oneOf('ON'),
  },
  mysql: {
    gtid_mode: oneOf('ON'),
    enforce_gtid_consistency: oneOf('ON'),
    log_replica_updates: oneOf('ON'),
    // As it was written in the file; DETECT_ONLY does not bring a page back.
    innodb_doublewrite: oneOf('ON', 'TRUE', 'DETECT_AND_RECOVER'),
    // A reader would see what came later without what came before.
    replica_preserve_commit_order: oneOf('ON'),
    // Else a replica that is started again throws away what it has received, acknowledged and not applied.
    relay_log_recovery: oneOf('OFF'),
    // Else a server that cannot write its log goes on without one.
    binlog_error_action: oneOf('ABORT_SERVER'),
    // What is kept closed over a restart is kept there.
    persisted_globals_load: oneOf('ON'),
  },
};

export const wants = (flavour: Flavour): Readonly<Record<string, Want>> => ({ ...of.both, ...of[flavour] });

/** Of plug-ins: there where the plug-in is. */
export const PLUGINS: Readonly<Record<Flavour, Readonly<Record<string, string>>>> = {
  mariadb: {},
  mysql: {
    rpl_semi_sync_source_enabled: "INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'",
    rpl_semi_sync_replica_enabled: "INSTALL PLUGIN rpl_semi_sync_replica SONAME 'semisync_replica.so'",
  },
};

/**
 * Of MySQL 8.4, by names of before: the server has one kind of them or the other. That of a replica is loaded anew with its
 * replication stopped.
 */
export const OLD_PLUGINS: Readonly<Record<Flavour, Readonly<Record<string, string>>>> = {
  mariadb: {},
  mysql: {
    rpl_semi_sync_master_enabled: 'UNINSTALL PLUGIN rpl_semi_sync_master',
    rpl_semi_sync_slave_enabled: 'UNINSTALL PLUGIN rpl_semi_sync_slave',
  },
};

/** Of MariaDB where it is built with Galera. */
export const GALERA = 'wsrep_on';
/** Of MySQL where the plug-in is loaded; empty where it is not used. */
export const GROUP = 'group_replication_group_name';

export const wantedVariables = (flavour: Flavour): readonly string[] => [
  ...Object.keys(wants(flavour)),
  ...Object.keys(PLUGINS[flavour]),
  ...Object.keys(OLD_PLUGINS[flavour]),
  GALERA,
  GROUP,
];
