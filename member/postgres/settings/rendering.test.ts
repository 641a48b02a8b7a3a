import { expect, test } from 'vitest';
import { isMemberSlot, slotName } from '#database/postgres/replication/slot-name.ts';
import { parseSynchronousNames, renderSynchronousNames } from '#database/postgres/replication/synchronous-names.ts';
import { roles } from '#database/roles.ts';
import type { Access, Posture } from '../../engine.ts';
import { hostBasedAccess } from './host-based-access.ts';
import { GENERATION_SETTING, postureSettings } from './posture-settings.ts';
import { serverSettings } from './server-settings.ts';
import { renderSettings } from './settings-file.ts';

const address = { listenAddresses: '127.0.0.1', port: 5432, socketDirectory: '/run/x' };
const posture: Posture = {
  access: 'closed',
  upstream: null,
  synchronous: { required: 0, members: [] },
  retainBytes: 1024 * 1024 + 1,
};
const context = { member: 'a-1', passwordFile: '/data.pgpass', generation: 'g1' };

test('a value cannot end its quotes, a name cannot bring a line of its own', () => {
  expect(renderSettings({ a: "it's" })).toBe("a = 'it''s'\n");
  expect(renderSettings({ a: 'back\\slash' })).toBe("a = 'back\\\\slash'\n");
  expect(() => renderSettings({ 'a\nfsync': 'off' })).toThrow('not the name of a setting');
});

test('owners tune, but durability and fencing are not theirs', () => {
  const settings = serverSettings(address, { shared_buffers: '1GB', fsync: 'off', restart_after_crash: 'on' }, 15);
  expect(settings).toMatchObject({ shared_buffers: '1GB', fsync: 'on', restart_after_crash: 'off' });
  expect(settings).not.toHaveProperty('allow_alter_system');
  expect(serverSettings(address, {}, 18)).toMatchObject({ allow_alter_system: 'off' });
});

test('the synchronous set is read back as it was written', () => {
  for (const set of [
    { required: 1, members: ['a-0', 'a1'] },
    { required: 2, members: ['a"0', 'b', 'c'] },
    { required: 0, members: [] },
  ]) {
    expect(parseSynchronousNames(renderSynchronousNames(set))).toEqual(set);
  }
  expect(renderSynchronousNames({ required: 1, members: ['a0'] })).toBe('ANY 1 ("a0")');
  expect(parseSynchronousNames('FIRST 1 (x)')).toEqual({ required: 0, members: [] });
  expect(() => renderSynchronousNames({ required: 1, members: [] })).toThrow('never acknowledge');
});

test('the upstream goes with a slot of its own and without a password', () => {
  const upstream = { member: 'a0', endpoint: { host: "o'host", port: 5433 } };
  const settings = postureSettings({ ...posture, upstream }, context);
  expect(settings).toMatchObject({ primary_slot_name: 'member_a_1', [GENERATION_SETTING]: 'g1' });
  expect(settings.primary_conninfo).toContain("host='o\\'host' port='5433'");
  expect(settings.primary_conninfo).toContain("application_name='a-1'");
  expect(settings.primary_conninfo).toMatch(/connect_timeout='2' keepalives_idle='2' .*tcp_user_timeout='3000'/);
  expect(settings.primary_conninfo).not.toMatch(/password=/);
  expect(postureSettings(posture, context)).toMatchObject({ primary_conninfo: '', primary_slot_name: '' });
});

test('only a granted primary writes by default; kept log is rounded up to whole megabytes', () => {
  const readOnly = (access: Access) => postureSettings({ ...posture, access }, context).default_transaction_read_only;
  expect(['closed', 'reading', 'serving', 'salvage'].map((access) => readOnly(access as Access))).toEqual([
    'on',
    'on',
    'off',
    'on',
  ]);
  expect(postureSettings(posture, context).max_slot_wal_keep_size).toBe('2MB');
});

test('who is let in', () => {
  const line = (access: Access, role: string): string[] =>
    hostBasedAccess(access, 'imap')
      .split('\n')
      .filter((text) => text.includes(` ${role} `));
  expect(line('closed', roles.mail)).toEqual([`host "imap" ${roles.mail} all reject`]);
  expect(line('salvage', roles.mail)).toEqual([`host "imap" ${roles.mail} all reject`]);
  expect(line('reading', roles.mail)).toEqual([`host "imap" ${roles.mail} all scram-sha-256`]);
  expect(line('serving', roles.mail)).toEqual([`host "imap" ${roles.mail} all scram-sha-256`]);
  // A demoted primary still hands its log to replicas; one opened for salvage does not.
  expect(line('closed', roles.replication)).toHaveLength(2);
  expect(line('salvage', roles.replication)).toEqual([]);
  for (const access of ['closed', 'reading', 'serving', 'salvage'] as const) {
    expect(line(access, roles.salvage)).toHaveLength(1);
    expect(hostBasedAccess(access, 'imap')).not.toMatch(/trust|peer|md5/);
  }
});

test('a slot is named after its member, and no two members share one', () => {
  expect(slotName('a-0')).toBe('member_a_0');
  expect(isMemberSlot('member_a_0')).toBe(true);
  expect(isMemberSlot('debezium')).toBe(false);
  expect(() => slotName('a_0')).toThrow('not a member');
  expect(() => slotName('a'.repeat(60))).toThrow('at most');
});
