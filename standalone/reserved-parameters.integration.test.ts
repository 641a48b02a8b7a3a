import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { reservedParameters } from '#crds/rules/reserved-parameters.ts';
import { serverEnvironment, serverProgram } from '#database/mysql/programs/create-data.ts';
import { packagedServers, type ServerName, serverNames } from '#database/programs/catalogue.ts';
import { ensureServer } from '#database/programs/ensure-server.ts';
import { isHere } from '#database/test-support/is-here.ts';
import { renderOptions } from '#member/mysql/settings/options-file.ts';
import { serverOptions } from '#member/mysql/settings/server-options.ts';

/** Promise: what is refused in a manifest are options that servers have, and none that replication rests on is forgotten. */
const run = promisify(execFile);
const NOBODY = 65534;
const runAs = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Words before any option, in its place. */
const MODIFIERS = ['disable_*', 'enable_*', 'loose_*', 'maximum_*'];
/** Of plugins that are loaded later. */
const OF_PLUGINS = ['clone_*', 'validate_password*'];

/** By their names, the whole of these is about replication; what may be tuned all the same. */
const REPLICATION =
  /(^|_)(gtid|relay|replica|slave|rpl|semi|wsrep|read_only|mysqlx|binlog|log_bin|sync|init|getopt_prefix_matching)(_|$)/;
const TUNABLE = [
  'binlog_alter_two_phase',
  'binlog_annotate_row_events',
  'binlog_cache_size',
  'binlog_checksum',
  'binlog_commit_wait_count',
  'binlog_commit_wait_usec',
  'binlog_encryption',
  'binlog_file_cache_size',
  'binlog_group_commit_sync_delay',
  'binlog_group_commit_sync_no_delay_count',
  'binlog_gtid_index',
  'binlog_gtid_index_page_size',
  'binlog_gtid_index_span_min',
  'binlog_gtid_simple_recovery',
  'binlog_large_commit_threshold',
  'binlog_legacy_event_pos',
  'binlog_max_flush_queue_time',
  'binlog_optimize_thread_scheduling',
  'binlog_rotate_encryption_master_key_at_startup',
  'binlog_row_event_max_size',
  'binlog_row_metadata',
  'binlog_row_value_options',
  'binlog_rows_query_log_events',
  'binlog_stmt_cache_size',
  'binlog_transaction_compression',
  'binlog_transaction_compression_level_zstd',
  'binlog_transaction_dependency_history_size',
  'encrypt_binlog',
  'innodb_api_enable_binlog',
  'innodb_flush_sync',
  'innodb_read_only_compressed',
  'innodb_sync_array_size',
  'innodb_sync_spin_loops',
  'log_bin_compress',
  'log_bin_compress_min_len',
  'log_bin_trust_function_creators',
  'log_slow_replica_statements',
  'log_slow_slave_statements',
  'log_statements_unsafe_for_binlog',
  'max_binlog_cache_size',
  'max_binlog_stmt_cache_size',
  'max_relay_log_size',
  'ndb_log_bin',
  'ndb_log_binlog_index',
  'ndb_metadata_sync',
  'ndb_replica_batch_size',
  'ndb_replica_blob_write_batch_bytes',
  'ndb_report_thresh_binlog_epoch_slip',
  'ndb_report_thresh_binlog_mem_usage',
  'ndb_slave_conflict_role',
  'select_into_disk_sync',
  'select_into_disk_sync_delay',
  'show_replica_auth_info',
  'show_slave_auth_info',
  'sync_frm',
];

/** What a server says of its options, and of the file that it is given. */
async function help(name: ServerName, file: string): Promise<string> {
  const program = join(await ensureServer(name), serverProgram[packagedServers[name].kind]);
  const asked = run(program, [file, '--verbose', '--help'], {
    ...runAs,
    cwd: '/tmp',
    env: serverEnvironment,
    maxBuffer: 16 * 1_024 * 1_024,
  });
  // Where an option is not known it says so, and how it goes by the others.
  const { stdout } = await asked.catch((error: Error & { readonly stdout?: string }) => error);
  return stdout ?? '';
}

/** As they are written in a file of options. */
async function optionsOf(name: ServerName): Promise<readonly string[]> {
  const text = await help(name, '--no-defaults');
  const found = [...text.matchAll(/^ {2,6}(?:-\S, )?--([a-zA-Z][\w-]*)/gm)].map(([, option = '']) => option);
  return [...new Set(found.map((option) => option.replaceAll('-', '_').toLowerCase()))];
}

const here = await Promise.all(serverNames.map(async (name) => ({ name, has: await isHere(name) })));

describe.for(['mariadb', 'mysql'] as const)('%s', (engine) => {
  const servers = here.filter(({ name }) => packagedServers[name].kind === engine);
  const { list, includes } = reservedParameters[engine];
  const ofAll = async () => await Promise.all(servers.map(({ name }) => optionsOf(name)));

  test.skipIf(!servers.every(({ has }) => has))('what is refused is there', async () => {
    const options = (await ofAll()).flat();
    const isThere = (pattern: string) =>
      options.some((name) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
    const unknown = list.split(', ').filter((pattern) => !isThere(pattern));
    expect(unknown.filter((pattern) => ![...MODIFIERS, ...OF_PLUGINS].includes(pattern))).toEqual([]);
  });

  test.skipIf(!servers.every(({ has }) => has))('what replication rests on is refused, in every version', async () => {
    for (const options of await ofAll()) {
      expect(options.length).toBeGreaterThan(500);
      expect(options.filter((name) => REPLICATION.test(name) && !includes(name) && !TUNABLE.includes(name))).toEqual(
        [],
      );
      for (const name of ['innodb_buffer_pool_size', 'max_connections', 'max_allowed_packet', 'tmp_table_size'])
        expect([name, options.includes(name), includes(name)]).toEqual([name, true, false]);
    }
  });

  test.skipIf(!servers.every(({ has }) => has))('the beginning of its name is not the name of an option', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-options-'));
    await chmod(folder, 0o755);
    const written = { init_connec: 'SET @passed_by = 1' };
    const options = serverOptions(engine, placeIn(folder), written);
    const files = { ours: renderOptions(options), bare: renderOptions(written) };
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
    const passes = async (name: ServerName, file: string): Promise<boolean> => {
      const text = await help(name, `--defaults-file=${join(folder, file)}`);
      expect(text).toMatch(/^init-connect /m);
      return /^init-connect +SET @passed_by/m.test(text);
    };
    for (const { name } of servers) {
      expect([name, await passes(name, 'ours')]).toEqual([name, false]);
      // The same without the remedy.
      expect([name, await passes(name, 'bare')]).toEqual([name, engine === 'mariadb']);
    }
    await rm(folder, { recursive: true });
  });
});

const placeIn = (folder: string) => ({
  ...{ serverId: 4_711, member: 'a0', listenAddresses: '127.0.0.1', port: 3_306, socketPath: `${folder}/s` },
  ...{ dataDirectory: `${folder}/d`, temporaryDirectory: `${folder}/t`, pidFile: `${folder}/p` },
  accountsFile: `${folder}/a`,
});
