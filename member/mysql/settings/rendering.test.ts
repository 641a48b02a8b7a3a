import { expect, test } from 'vitest';
import type { Flavour } from '#database/mysql/flavour.ts';
import type { Access, Posture } from '../../engine.ts';
import { longPassword } from '../../test-support/long-password.ts';
import { accountsFile } from './accounts-file.ts';
import { renderOptions } from './options-file.ts';
import { postureOptions } from './posture-options.ts';
import { serverOptions } from './server-options.ts';

const place = {
  serverId: 4711,
  member: 'a0',
  listenAddresses: '127.0.0.1',
  port: 3306,
  socketPath: '/run/a0/server.sock',
  dataDirectory: '/data/a0',
  pidFile: '/data/a0/server.pid',
  temporaryDirectory: '/data/a0.tmp',
  accountsFile: '/data/a0.accounts.sql',
};
const posture = (required: number): Posture => ({
  access: 'closed',
  upstream: null,
  synchronous: { required, members: ['a1', 'a2'] },
  retainBytes: 0,
});

test('values are quoted, with what servers take for an escape doubled; what cannot be said is refused', () => {
  const options = { port: '3306', init_connect: String.raw`SET @a = 'x # y\n'` };
  expect(renderOptions(options)).toBe(`[mysqld]\nport = "3306"\ninit_connect = "SET @a = 'x # y${String.raw`\\`}n'"\n`);
  for (const value of ['a"b', 'a\nread_only = 0', 'a\r']) expect(() => renderOptions({ x: value })).toThrow(RangeError);
  for (const name of ['a b', 'x]\n[y', '']) expect(() => renderOptions({ [name]: '' })).toThrow(RangeError);
});

test.each(['mariadb', 'mysql'] as const)(
  '%s: owners tune, and override no fence and no promise, however they write it',
  (flavour) => {
    const wanted = { 'Innodb-Buffer-Pool-Size': '1G', 'SYNC-binlog': '0', read_only: '0', 'skip-name_resolve': '0' };
    const options = serverOptions(flavour, place, wanted);
    expect(options).toMatchObject({
      innodb_buffer_pool_size: '1G',
      sync_binlog: '1',
      read_only: '1',
      skip_name_resolve: '1',
      server_id: '4711',
      report_host: 'a0',
      tmpdir: '/data/a0.tmp',
    });
    expect(Object.keys(options).filter((name) => /[-A-Z]/.test(name))).toEqual([]);
  },
);

test('what a replica has received is synced where it outlives a start, and nowhere else, whatever the owner wants', () => {
  const wanted = { sync_relay_log: '7', relay_log_recovery: '7' };
  const options = (flavour: Flavour) => serverOptions(flavour, place, wanted);
  expect(options('mysql')).toMatchObject({ sync_relay_log: '1', relay_log_recovery: '0' });
  expect(options('mariadb')).toMatchObject({ sync_relay_log: '0', relay_log_recovery: '1' });
});

test('how a log is written is the owner’s to say', () => {
  const logs = { mysql: 'binlog_transaction_compression', mariadb: 'binlog_annotate_row_events' } as const;
  for (const [flavour, name] of Object.entries(logs) as [Flavour, string][]) {
    expect(serverOptions(flavour, place, {})[name]).toBe(flavour === 'mysql' ? 'ON' : '0');
    expect(serverOptions(flavour, place, { [name]: 'as wanted' })[name]).toBe('as wanted');
  }
});

test('a primary waits for its replicas from its first moment, and a replica for none', () => {
  expect(postureOptions('mysql', 'primary', posture(2))).toEqual({
    rpl_semi_sync_source_enabled: '1',
    rpl_semi_sync_source_wait_for_replica_count: '2',
  });
  expect(postureOptions('mariadb', 'primary', posture(1))).toEqual({ rpl_semi_sync_master_enabled: '1' });
  expect(postureOptions('mariadb', 'primary', posture(0))).toEqual({ rpl_semi_sync_master_enabled: '0' });
  expect(postureOptions('mysql', 'replica', posture(1))).toEqual({ rpl_semi_sync_source_enabled: '0' });
});

test('MariaDB is told no password, and of both a statement is a line', () => {
  const imap = { database: 'imap', access: 'closed' } as const;
  const password = longPassword("o'clock");
  expect(accountsFile('mariadb', { ...imap, password })).not.toContain("o'clock");
  expect(accountsFile('mysql', { ...imap, password })).toContain(String.raw`BY 'o\'clock`);
  expect(() => accountsFile('mariadb', { ...imap, password: 'short' })).toThrow('32 octets');
  for (const flavour of ['mariadb', 'mysql'] as const) {
    const lines = accountsFile(flavour, { password, database: 'imap_x', access: 'closed' }).trimEnd().split('\n');
    expect(lines.filter((line) => !/^[A-Z][^;]*;$/.test(line))).toEqual([]);
    expect(lines[0]).toBe('SET SESSION sql_log_bin = 0;');
  }
});

test('whom the access of the start shuts out is locked out before anybody is let in', () => {
  const lockedOut = (access: Access): readonly string[] =>
    accountsFile('mysql', { password: longPassword('admin'), database: 'imap', access })
      .split('\n')
      .flatMap((line) => /^ALTER USER IF EXISTS 'imapcluster_(\w+)'@'%' ACCOUNT LOCK;$/.exec(line)?.[1] ?? []);
  expect(lockedOut('closed')).toEqual(['mail']);
  expect(lockedOut('salvage')).toEqual(['replication', 'mail']);
  for (const access of ['reading', 'serving'] as const) expect(lockedOut(access)).toEqual([]);
});
