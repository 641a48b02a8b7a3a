import { expect, test } from 'vitest';
import type { ControlStatus } from '#contract/control-api.ts';
import { routingText } from './routing.ts';
import { age, statusText } from './status.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const status: ControlStatus = {
  objects: [
    { kind: 'ImapCluster', metadata: { name: 'mail' }, spec: {}, status: { phase: 'Serving' } },
    {
      kind: 'MailboxPartition',
      metadata: { name: 'users-a' },
      spec: { repository: { engine: 'postgresql' }, durability: { mode: 'Quorum' } },
      status: {
        primary: 'users-a-1',
        epoch: 2,
        phase: 'Healthy',
        step: null,
        conditions: [{ type: 'Ready', status: 'True', reason: 'Healthy', message: '', lastTransitionTime: '' }],
        lastFailover: {
          kind: 'Failover',
          from: 'users-a-0',
          to: 'users-a-1',
          epoch: 2,
          reason: 'killed',
          startedAt: '2026-11-24T11:59:00.000Z',
          finishedAt: '2026-11-24T11:59:00.431Z',
          phases: {},
          lostUpTo: 0,
          salvaged: { messages: 3 },
        },
      },
    },
  ],
  members: [
    {
      partition: 'users-a',
      name: 'users-a-1',
      connected: true,
      state: 'running',
      role: 'primary',
      received: '0/3000060',
      applied: '0/3000060',
      lagSeconds: 0,
      serverPid: 7,
    },
  ],
  waiting: {},
  operatorProblem: null,
  processes: [{ name: 'operator', state: 'running', pid: 12, restarts: 1, startedAt: NOW - 150_000 }],
  endpoints: { imap: { host: '127.0.0.1', port: 1143 }, imaps: { host: '127.0.0.1', port: 1993 } },
};

test('status, as people read it', () => {
  expect(statusText(status, NOW)).toBe(`mail: Serving, imap 127.0.0.1:1143, imaps 127.0.0.1:1993

PARTITION  ENGINE      DURABILITY  PRIMARY    EPOCH  PHASE    STEP  READY
users-a    postgresql  Quorum      users-a-1  2      Healthy  -     True

MEMBER     ROLE     STATE    STREAMS  LAG   POSITION
users-a-1  primary  running  yes      0.0s  0/3000060

LAST CHANGE  KIND      PRIMARY                AT                        TOOK    SALVAGED
users-a      Failover  users-a-0 → users-a-1  2026-11-24T11:59:00.000Z  431 ms  {"messages":3}

PROCESS   STATE    PID  RESTARTS  AGE
operator  running  12   1         2m
`);
});

test('what is amiss stands out', () => {
  const text = statusText({ ...status, operatorProblem: 'no answer', waiting: { 'users-a': 'no agent' } }, NOW);
  expect(text).toContain('the operator does not answer: no answer\nusers-a: no agent\n');
});

test('a server that is down says why', () => {
  const [member] = status.members;
  if (member === undefined) throw new Error('the status above has a member');
  const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
  const text = statusText({ ...status, members: [{ ...member, state: 'exited', lastWords: lines }] }, NOW);
  expect(text).toContain('\n\nusers-a-1 is down; its last words:\n  line 12\n  line 13\n');
  expect(text).toContain('line 19\n\nLAST CHANGE');
});

test('routing, by each imapd’s own word', () => {
  const view = { epoch: 2, writerReachable: true, writerFailure: null, held: 4, leaseRemainingMs: 1_500 };
  const target = {
    epoch: 2,
    engine: 'postgresql',
    database: 'imap',
    durability: 'Async',
    writer: null,
    readers: ['b', 'c'],
    leaseSeconds: 5,
    members: {},
  };
  const document = {
    apiVersion: 'routing.imapcluster.io/v1',
    cluster: 'mail',
    version: 9,
    placement: { users: {}, namespaces: {}, slots: [] },
    partitions: { users: target },
  };
  const belief = { pod: 'imapd-0', document, repositories: { users: view } };
  expect(
    routingText({
      pods: [
        { pod: 'imapd-0', belief, problem: null },
        { pod: 'imapd-1', belief: null, problem: 'timed out' },
        { pod: 'imapd-2', belief: { ...belief, document: null }, problem: null },
      ],
    }),
  ).toBe(`IMAPD    VERSION                  PARTITION  EPOCH  WRITES TO  READS FROM  HELD  LEASE
imapd-0  9                        users      2      (none)     b, c        4     1.5s
imapd-1  timed out
imapd-2  no routing document yet
`);
});

test('ages', () => {
  expect([0, 119_000, 120_000, 7_200_000, 200_000_000].map(age)).toEqual(['0s', '119s', '2m', '2h', '2d']);
});
