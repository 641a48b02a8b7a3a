import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { reservedParameters } from '#crds/rules/reserved-parameters.ts';
import { serverEnvironment, serverProgram } from '#database/mysql/programs/create-data.ts';
import { packagedServers, type ServerName, serverNames } from '#database/programs/catalogue.ts';
import { ensureServer } from '#database/programs/ensure-server.ts';
import { isHere } from '#database/test-support/is-here.ts';

/** Promise: what is refused in a manifest are options that servers have, and none that replication rests on is forgotten. */
const run = promisify(execFile);
const NOBODY = 65534;
const runAs = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Words before any option, in its place. */
const MODIFIERS = ['disable_*', 'enable_*', 'loose_*', 'maximum_*'];
/** Of plugins that are loaded later. */
const OF_PLUGINS = ['clone_*', 'validate_password*'];

/** By their names, the whole of these is about replication; what may be tuned all the same. */
const REPLICATION = /(^|_)(gtid|relay|replica|slave|rpl|semi|wsrep|read_only|mysqlx)(_|$)/;
const TUNABLE = [
  'binlog_gtid_index',
  'binlog_gtid_index_page_size',
  'binlog_gtid_index_span_min',
  'binlog_gtid_simple_recovery',
  'innodb_read_only_compressed',
  'log_slow_replica_statements',
  'log_slow_slave_statements',
  'max_relay_log_size',
  'ndb_replica_batch_size',
  'ndb_replica_blob_write_batch_bytes',
  'ndb_slave_conflict_role',
  'show_replica_auth_info',
  'show_slave_auth_info',
];

/** As they are written in a file of options. */
async function optionsOf(name: ServerName): Promise<readonly string[]> {
  const program = join(await ensureServer(name), serverProgram[packagedServers[name].kind]);
  const { stdout } = await run(program, ['--no-defaults', '--verbose', '--help'], {
    ...runAs,
    cwd: '/tmp',
    env: serverEnvironment,
    maxBuffer: 16 * 1_024 * 1_024,
  });
  const found = [...stdout.matchAll(/^ {2,6}(?:-\S, )?--([a-zA-Z][\w-]*)/gm)].map(([, option = '']) => option);
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
});
