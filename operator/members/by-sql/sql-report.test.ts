import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import type { ServerFacts, SqlProbe } from './engine-server.ts';
import { postgresFailure } from './postgres/postgres-failure.ts';
import { afterGlance, afterLook, type Looks, NO_LOOKS, sqlReport } from './sql-report.ts';

const facts: ServerFacts = { version: '18.4', adopted: true, readOnly: false, life: 'first' };

const seen = (change: Partial<ServerFacts> = {}, role: 'primary' | 'replica' = 'primary'): SqlProbe => ({
  ok: true,
  latencyMs: 1.23,
  facts: { ...facts, ...change },
  unfit: null,
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
const failed = (error: unknown): SqlProbe => ({ ok: false, failure: postgresFailure(error) });
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
