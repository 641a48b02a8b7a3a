import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import type { SqlProbe } from './probe-server.ts';
import type { ServerFacts } from './server-facts.ts';
import { CredentialsProblem } from './sql-credentials.ts';
import { sqlFailure } from './sql-failure.ts';
import { afterGlance, afterLook, type Looks, NO_LOOKS, sqlReport } from './sql-report.ts';
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
const facts: ServerFacts = {
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

const seen = (change: Partial<ServerFacts> = {}, role: 'primary' | 'replica' = 'primary'): SqlProbe => ({
  ok: true,
  latencyMs: 1.23,
  facts: { ...facts, ...change },
  observation: {
    retainedBytes: 0,
    mailSessions: 0,
    replication: {
      role,
      systemIdentifier: '1',
      timeline: 1,
      received: '0/1',
      applied: '0/1',
      epoch: 7,
      upstream: null,
      standbys: [],
      synchronous: { required: 0, members: [] },
    },
  },
});
const failed = (error: unknown): SqlProbe => ({ ok: false, failure: sqlFailure(error) });
const refused = failed(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));

const identity = { cluster: 'mail', partition: 'users-a', member: 'a', bootId: 'boot', sequence: 1 };
const reportAfter = (...probes: readonly SqlProbe[]) => sqlReport(probes.reduce<Looks>(afterLook, NO_LOOKS), identity);

test.each<[string, readonly SqlProbe[], { fence: string | null; grantedEpoch: number | null }]>([
  ['open, and seen so from the start', [seen()], { fence: null, grantedEpoch: 7 }],
  ['read-only', [seen({ readOnly: true })], { fence: 'NoGrant', grantedEpoch: null }],
  ['not taken over yet', [seen({ adopted: false })], { fence: 'NoGrant', grantedEpoch: null }],
  ['a replica', [seen({}, 'replica')], { fence: null, grantedEpoch: null }],
  ['a probe was lost, the server was not', [seen(), refused, seen()], { fence: null, grantedEpoch: 7 }],
  ['it was started again, or recovered', [seen(), seen({ life: 'second' })], { fence: 'NoGrant', grantedEpoch: null }],
  ['it was down when it was looked at first', [refused, seen()], { fence: 'NoGrant', grantedEpoch: null }],
])('may write: %s', (_, probes, expected) => {
  expect(reportAfter(...probes)).toMatchObject(expected);
});

test('failed looks are counted, and what was seen last is kept', () => {
  const report = reportAfter(seen(), refused, refused);
  expect(report).toMatchObject({
    state: 'running',
    probe: { consecutiveFailures: 2, failure: 'refused', message: 'refused' },
    replication: { role: 'primary' },
  });
  expect(reportAfter(seen(), refused, seen()).probe).toMatchObject({ consecutiveFailures: 0, failure: null });
});

test('a glance between two looks brings news of the server, and does not count', () => {
  const looks = [seen(), refused].reduce<Looks>(afterLook, NO_LOOKS);
  const glance = seen({ readOnly: true }) as Extract<SqlProbe, { ok: true }>;
  expect(sqlReport(afterGlance(looks, glance), identity)).toMatchObject({
    fence: 'NoGrant',
    probe: { consecutiveFailures: 1, failure: 'refused' },
  });
});

const answer = (code: string): DatabaseError => Object.assign(new DatabaseError('no', 2, 'error'), { code });

test('a server that says that it starts, is starting', () => {
  expect(reportAfter(failed(answer('57P03')))).toMatchObject({ state: 'starting', probe: { failure: 'sql' } });
});

test.each<[string, unknown, string]>([
  ['nobody listens', Object.assign(new Error(), { code: 'ECONNREFUSED' }), 'refused'],
  ['hung up', Object.assign(new Error(), { code: 'ECONNRESET' }), 'reset'],
  ['hung up, as pg puts it', new Error('Connection terminated unexpectedly'), 'reset'],
  ['no answer', new DOMException('late', 'TimeoutError'), 'timeout'],
  ['no way there', Object.assign(new Error(), { code: 'EHOSTUNREACH' }), 'timeout'],
  ['no such name', Object.assign(new Error(), { code: 'ENOTFOUND' }), 'timeout'],
  ['no file descriptor left here', Object.assign(new Error(), { code: 'EMFILE' }), 'timeout'],
  ['a complaint', answer('53300'), 'sql'],
  ['nobody to sign in as', new CredentialsProblem('no Secret'), 'sql'],
])('evidence: %s', (_, error, kind) => {
  expect(sqlFailure(error).kind).toBe(kind);
});

test.each<[string, Partial<ServerFacts>, string | null]>([
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
