import { expect, test } from 'vitest';
import type { Fitness } from './read-fitness.ts';
import { type FitnessContext, unfit } from './unfit.ts';

const ofBoth = {
  log_bin: 'ON',
  binlog_format: 'ROW',
  server_id: '101',
  innodb_flush_log_at_trx_commit: '1',
  sync_binlog: '1',
  innodb_doublewrite: 'ON',
  max_allowed_packet: '16777216',
  lower_case_table_names: '0',
  require_secure_transport: 'OFF',
  init_connect: '',
  binlog_expire_logs_seconds: '0',
};
const of = {
  mariadb: { ...ofBoth, gtid_strict_mode: 'ON', log_slave_updates: 'ON' },
  mysql: {
    ...ofBoth,
    gtid_mode: 'ON',
    enforce_gtid_consistency: 'ON',
    log_replica_updates: 'ON',
    replica_preserve_commit_order: 'ON',
    relay_log_recovery: 'OFF',
    binlog_error_action: 'ABORT_SERVER',
    persisted_globals_load: 'ON',
    rpl_semi_sync_source_enabled: 'OFF',
    rpl_semi_sync_replica_enabled: 'OFF',
  },
};
type Flavour = keyof typeof of;

const fit = (flavour: Flavour): Fitness => ({
  flavour,
  variables: of[flavour],
  hasEd25519: flavour === 'mariadb',
  passwordChecks: [],
  acknowledgesFromStart: false,
  shadows: [],
  mailRights: ['USAGE'],
  replication: { channels: 1, delay: 0, filters: {} },
});

type Change = {
  readonly version?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly without?: string;
  readonly fitness?: Partial<Fitness>;
  readonly context?: Partial<FitnessContext>;
};

function judge(flavour: Flavour, { version, variables, without, fitness, context }: Change): string | null {
  const known = Object.entries({ ...of[flavour], ...variables }).filter(([name]) => name !== without);
  const found = unfit(
    {
      facts: { version: version ?? (flavour === 'mariadb' ? '10.11.19' : '9.7.4'), serverId: 101 },
      fitness: { ...fit(flavour), variables: Object.fromEntries(known), ...fitness },
    },
    {
      engine: flavour,
      database: 'imap',
      sameServerId: () => [],
      opensAtStart: false,
      strangeAcknowledgers: [],
      ...context,
    },
  );
  expect(found?.code ?? 'SettingsUnfit').toBe('SettingsUnfit');
  return found?.message ?? null;
}

test.each(['mariadb', 'mysql'] as const)('%s set up as asked for: nothing is in the way', (flavour) => {
  expect(judge(flavour, {})).toBeNull();
});

test.each(['ON', 'TRUE', 'DETECT_AND_RECOVER'])('innodb_doublewrite of MySQL may be %s', (value) => {
  expect(judge('mysql', { variables: { innodb_doublewrite: value } })).toBeNull();
});

test.each<[Flavour, Change, string]>([
  ['mariadb', { version: '10.6.1' }, 'MariaDB is 10.6.1 and has to be at least 10.11'],
  ['mariadb', { version: '12.0.2' }, 'MariaDB is 12.0.2 and has to be 10.11 to 11: newer ones are not understood yet'],
  ['mysql', { version: '8.0.44' }, 'MySQL is 8.0.44 and has to be at least 8.4'],
  ['mariadb', { context: { engine: 'mysql' } }, 'the server is MariaDB 10.11.19: the manifest says engine: mysql'],
  ['mysql', { variables: { log_bin: 'OFF' } }, 'log_bin is OFF and has to be ON'],
  ['mysql', { variables: { binlog_format: 'STATEMENT' } }, 'binlog_format is STATEMENT and has to be ROW or MIXED'],
  ['mariadb', { variables: { server_id: '0' } }, 'server_id is 0 and has to be another one than 0'],
  ['mariadb', { context: { sameServerId: () => ['b', 'c'] } }, 'server_id is 101, as that of b, c'],
  ['mysql', { variables: { gtid_mode: 'OFF' } }, 'gtid_mode is OFF'],
  ['mysql', { variables: { enforce_gtid_consistency: 'WARN' } }, 'enforce_gtid_consistency is WARN'],
  ['mariadb', { variables: { gtid_strict_mode: 'OFF' } }, 'gtid_strict_mode is OFF'],
  ['mariadb', { variables: { log_slave_updates: 'OFF' } }, 'log_slave_updates is OFF'],
  ['mysql', { variables: { log_replica_updates: 'OFF' } }, 'log_replica_updates is OFF'],
  ['mysql', { variables: { innodb_flush_log_at_trx_commit: '2' } }, 'innodb_flush_log_at_trx_commit is 2'],
  ['mariadb', { variables: { sync_binlog: '0' } }, 'sync_binlog is 0 and has to be 1'],
  ['mariadb', { variables: { innodb_doublewrite: 'OFF' } }, 'innodb_doublewrite is OFF and has to be ON'],
  ['mysql', { variables: { innodb_doublewrite: 'DETECT_ONLY' } }, 'innodb_doublewrite is DETECT_ONLY'],
  ['mariadb', { variables: { max_allowed_packet: '1048576' } }, 'max_allowed_packet is 1048576 and has to be at least'],
  ['mysql', { variables: { lower_case_table_names: '2' } }, 'lower_case_table_names is 2'],
  [
    'mysql',
    { variables: { lower_case_table_names: '1' }, context: { database: 'Imap' } },
    'has to be 0 for a database called Imap',
  ],
  ['mysql', { variables: { require_secure_transport: 'ON' } }, 'require_secure_transport is ON'],
  ['mariadb', { variables: { init_connect: 'SET @a = 1' } }, 'init_connect is SET @a = 1 and has to be empty'],
  ['mysql', { variables: { binlog_expire_logs_seconds: '600' } }, 'has to be 0 or at least 86400'],
  ['mysql', { variables: { replica_preserve_commit_order: 'OFF' } }, 'replica_preserve_commit_order is OFF'],
  ['mysql', { variables: { relay_log_recovery: 'ON' } }, 'relay_log_recovery is ON and has to be OFF'],
  ['mysql', { variables: { binlog_error_action: 'IGNORE_ERROR' } }, 'binlog_error_action is IGNORE_ERROR'],
  ['mysql', { variables: { persisted_globals_load: 'OFF' } }, 'persisted_globals_load is OFF'],
  ['mysql', { without: 'gtid_mode' }, 'gtid_mode is unknown'],
  [
    'mysql',
    { without: 'rpl_semi_sync_source_enabled' },
    "a plug-in is missing: INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'",
  ],
  ['mysql', { without: 'rpl_semi_sync_replica_enabled' }, 'INSTALL PLUGIN rpl_semi_sync_replica'],
  [
    'mysql',
    { variables: { rpl_semi_sync_slave_enabled: 'ON' }, without: 'rpl_semi_sync_replica_enabled' },
    'UNINSTALL PLUGIN rpl_semi_sync_slave, and out of the file; a plug-in is missing: INSTALL PLUGIN rpl_semi_sync_replica',
  ],
  ['mariadb', { fitness: { hasEd25519: false } }, "a plug-in is missing: INSTALL SONAME 'auth_ed25519'"],
  ['mysql', { variables: { group_replication_group_name: 'aaaa' } }, 'no member of one is taken'],
  ['mariadb', { variables: { wsrep_on: 'ON' } }, 'wsrep_on is ON'],
  [
    'mariadb',
    { fitness: { passwordChecks: ['simple_password_check'] } },
    'strict_password_validation is ON and has to be OFF',
  ],
  ['mariadb', { fitness: { acknowledgesFromStart: true } }, 'rpl_semi_sync_slave_enabled is ON from the start'],
  ['mariadb', { context: { opensAtStart: true } }, 'write read_only = 1 into its file'],
  ['mysql', { context: { strangeAcknowledgers: ['server_id 9'] } }, 'server_id 9 replicates from it, is no member'],
  [
    'mysql',
    { fitness: { replication: { channels: 1, delay: 0, filters: { Replicate_Do_DB: 'imap' } } } },
    'Replicate_Do_DB is imap and has to be empty',
  ],
  ['mysql', { fitness: { replication: { channels: 2, delay: 0, filters: {} } } }, 'it follows 2 servers'],
  ['mariadb', { fitness: { replication: { channels: 1, delay: 60, filters: {} } } }, 'a delay of 60 s'],
  [
    'mariadb',
    { fitness: { shadows: ['@localhost'] } },
    "DROP USER ''@'localhost' (on the primary; where only a replica has it, there, after SET sql_log_bin = 0)",
  ],
  [
    'mysql',
    { fitness: { mailRights: ['REPLICATION CLIENT', 'CONNECTION_ADMIN'] } },
    "REVOKE CONNECTION_ADMIN ON *.* FROM 'imapcluster_mail'@'%' (on the primary; where only a replica has it",
  ],
])('%s with %j', (flavour, change, words) => {
  expect(judge(flavour, change)).toContain(words);
});

test('all that is in the way is said at once', () => {
  const said = judge('mysql', { variables: { sync_binlog: '0', gtid_mode: 'OFF' } });
  expect(said).toContain('sync_binlog');
  expect(said).toContain('gtid_mode');
});
