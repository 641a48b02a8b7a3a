import { expect, test } from 'vitest';
import type { AgentReport, ReplicationReport } from '#contract/agent-report.ts';
import { type MemberName, memberName, partitionName } from '#contract/names.ts';
import { newRecord, type PartitionRecord } from '../partition/record.ts';
import { defaultTuning } from '../tuning.ts';
import { type Decision, decide } from './decide.ts';
import type { MemberObservation } from './observation.ts';

// A primary that ended because its volume is full: one promotion is tried, and no more until a person made room.

const NOW = 1_000_000_000;
const names = ['a0', 'a1', 'a2'].map((name) => memberName(name));
const [a0, a1] = names as [MemberName, MemberName];

const spec = {
  name: partitionName('users-a'),
  engine: 'postgresql',
  database: 'imap',
  members: names.map((name) => ({ name, endpoint: { host: 'h', port: 1 }, agentUrl: 'http://h' })),
  durability: { mode: 'Quorum', whenDegraded: 'Hold' },
  failover: {
    mode: 'Automatic',
    probeIntervalMs: 250,
    failureThreshold: 3,
    maxLostSeconds: 5,
    delayMs: 0,
    uidGap: 1,
  },
  paused: false,
} as const;

function member(name: MemberName, report: Partial<AgentReport>): [MemberName, MemberObservation] {
  const whole = {
    member: name,
    highestEpoch: 0,
    exit: null,
    fence: null,
    grantedEpoch: null,
    replication: null,
    ...report,
  } as unknown as AgentReport;
  return [name, { name, connected: true, failure: null, silentMs: 10, report: whole }];
}

function replica(name: MemberName): [MemberName, MemberObservation] {
  const replication: ReplicationReport = {
    role: 'replica',
    systemIdentifier: '1',
    timeline: 1,
    received: '0/2',
    applied: '0/2',
    epoch: 4,
    upstream: { member: a0, streaming: false, silentMs: null },
    standbys: [],
    synchronous: { required: 0, members: [] },
  };
  return member(name, { state: 'running', replication });
}

/** The decision after the primary ended by itself, with promotions so many seconds ago. */
function decided(cause: 'DiskFull' | null, promotedSecondsAgo: readonly number[]): Decision {
  const exit = { code: null, signal: 'SIGABRT', lastLog: [], cause };
  const record: PartitionRecord = {
    ...newRecord,
    epoch: 4,
    servedEpoch: 4,
    primary: a0,
    synchronous: { required: 1, members: names.slice(1) },
    promotions: promotedSecondsAgo.map((seconds) => NOW - seconds * 1_000),
  };
  const members = new Map([member(a0, { state: 'exited', exit }), ...names.slice(1).map(replica)]);
  const observation = {
    members,
    pods: [],
    lagSeconds: new Map(),
    primaryDownMs: 0,
    restartingMs: null,
    degradedMs: null,
    request: null,
  };
  return decide({ spec, record, observation, tuning: defaultTuning, now: NOW });
}

test('its volume may be the only one that is full: a replica is promoted, and the reason is told', () => {
  const operation = { kind: 'Failover', from: a0, reason: expect.stringContaining('no disk space left') };
  expect(decided('DiskFull', [])).toMatchObject({ kind: 'begin', operation });
});

test.each([[[3]], [[500, 300]]])(
  'after promotions %j seconds ago it is started in place, not replaced',
  (promotions) => {
    const decision = decided('DiskFull', promotions);
    expect(decision).toMatchObject({ kind: 'upkeep' });
    expect(decision).toHaveProperty('actions', [
      { kind: 'command', member: a0, command: { kind: 'grant' } },
      ...[a1, names[2]].map((name) => expect.objectContaining({ member: name })),
    ]);
  },
);

test('what a full disk brought about long ago, or another end, holds nobody back', () => {
  expect(decided('DiskFull', [700])).toMatchObject({ kind: 'begin' });
  expect(decided(null, [3])).toMatchObject({ kind: 'begin' });
});
