import { expect, test } from 'vitest';
import type { PostgresFacts } from './server-facts.ts';
import { unfit } from './unfit.ts';

const settings = {
  server_version_num: '180004',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_level: 'replica',
  hot_standby: 'on',
  restore_command: '',
  recovery_min_apply_delay: '0',
  max_wal_senders: '10',
  max_replication_slots: '10',
};
const facts: PostgresFacts = {
  version: '18.4',
  username: 'dba',
  superuser: true,
  adopted: true,
  hasDatabase: true,
  conninfo: '',
  slot: '',
  readOnly: false,
  life: 'first',
  settings,
};

test.each<[string, Partial<PostgresFacts>, string | null]>([
  ['nothing', {}, null],
  ['a role that is no superuser', { superuser: false }, 'dba is no superuser'],
  ['fsync off', { settings: { ...settings, fsync: 'off' } }, 'fsync is off and has to be on'],
  ['commits that wait for nobody', { settings: { ...settings, synchronous_commit: 'local' } }, 'on or remote_apply'],
  ['an archive', { settings: { ...settings, restore_command: 'cp' } }, 'restore_command is cp and has to be empty'],
  ['a setting that cannot be seen', { settings: {} }, 'fsync is unknown'],
  ['too few senders', { settings: { ...settings, max_wal_senders: '2' } }, 'has to be at least 3'],
  ['an old server', { settings: { ...settings, server_version_num: '140010' } }, 'at least 150000'],
])('in the way of working with a server: %s', (_, change, expected) => {
  const found = unfit({ ...facts, ...change }, 3);
  if (expected === null) expect(found).toBeNull();
  else expect(found?.message).toContain(expected);
});
