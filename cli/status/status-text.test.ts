import { expect, test } from 'vitest';
import type { ControlRouting, ControlStatus, MemberNow, PodNow } from '#contract/control-api.ts';
import { statusText } from './status-text.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const condition = (type: string, status: string, message = '') => ({
  type,
  status,
  reason: 'Because',
  message,
  lastTransitionTime: '',
});

const lastFailover = {
  kind: 'Failover',
  from: 'users-a-0',
  to: 'users-a-1',
  epoch: 2,
  reason: 'its server was killed',
  startedAt: '2026-11-24T11:59:00.000Z',
  finishedAt: '2026-11-24T11:59:00.431Z',
  phases: { detect: 12, fence: 40, promote: 200 },
  lostUpTo: 0,
  salvaged: { messages: 3 },
};

const users = {
  kind: 'MailboxPartition',
  metadata: { name: 'users-a' },
  spec: { repository: { engine: 'postgresql' }, durability: { mode: 'Quorum' } },
  status: {
    primary: 'users-a-1',
    epoch: 2,
    phase: 'Healthy',
    conditions: [condition('Ready', 'True'), condition('FailoverBlocked', 'False')],
    lastFailover,
  },
};

const member = (name: string, now: Partial<MemberNow>): MemberNow => ({
  partition: 'users-a',
  name,
  connected: true,
  state: 'running',
  role: 'replica',
  received: '0/3000060',
  applied: '0/3000060',
  lagSeconds: 0,
  serverPid: 7,
  ...now,
});

const standalone: ControlStatus = {
  objects: [{ kind: 'ImapCluster', metadata: { name: 'mail' }, spec: {}, status: { phase: 'Serving' } }, users],
  members: [member('users-a-1', { role: 'primary' })],
  waiting: {},
  operatorProblem: null,
  processes: [
    { kind: 'operator', name: 'operator', state: 'running', pid: 12, restarts: 1, startedAt: NOW - 150_000 },
    { kind: 'imapd', name: 'imapd-0', state: 'running', pid: 13, restarts: 0, startedAt: NOW - 5_000 },
  ],
  endpoints: { imap: { host: '127.0.0.1', port: 1143 }, imaps: { host: '127.0.0.1', port: 1993 } },
};

test('a run on one machine, as people read it', () => {
  expect(statusText({ status: standalone, routing: null }, NOW)).toBe(
    `mail  Serving  imap 127.0.0.1:1143, imaps 127.0.0.1:1993
├─ imapd
│  └─ imapd-0  running  -  -
└─ partition users-a  Healthy  epoch 2  primary users-a-1  postgresql, Quorum
   ├─ users-a-1  primary  running  -  0/3000060
   └─ last Failover: users-a-0 → users-a-1, at 2026-11-24T11:59:00.000Z, in 431 ms (detect 12, fence 40, promote 200), salvaged 3 messages, its server was killed

PROCESS   STATE    PID  RESTARTS  AGE
operator  running  12   1         2m
imapd-0   running  13   0         5s
`,
  );
});

const pod = (name: string, now: Partial<PodNow>): PodNow => ({
  name,
  component: 'database',
  partition: 'users-a',
  member: name,
  ready: true,
  problem: null,
  node: 'node-1',
  restarts: 0,
  startedAt: NOW,
  ...now,
});

const belief = (name: string, version: number, sessions: number): ControlRouting['pods'][number] => {
  const document = {
    apiVersion: 'routing.imapcluster.io/v1',
    cluster: 'mail',
    version,
    placement: { users: {}, namespaces: {}, slots: [] },
    partitions: {},
  };
  return { pod: name, belief: { pod: name, document, repositories: {}, sessions }, problem: null };
};

const pulling = 'imapd: ImagePullBackOff: no such image';
const imapd = { component: 'imapd', partition: null, member: null } as const;
const kubernetes: ControlStatus = {
  ...standalone,
  objects: [
    {
      kind: 'ImapCluster',
      metadata: { name: 'mail', namespace: 'post' },
      spec: {},
      status: { phase: 'Degraded', conditions: [condition('Ready', 'False', 'one of three is missing')] },
    },
    {
      ...users,
      status: {
        ...users.status,
        phase: 'FailingOver',
        step: 'promote',
        lastFailover: null,
        conditions: [condition('RejoinNeeded', 'True', 'users-a-0 (rewind): no space left')],
      },
    },
    { ...users, metadata: { name: 'news' }, status: undefined },
  ],
  members: [
    member('users-a-0', { connected: false, state: null, role: null, received: null, lagSeconds: null }),
    member('users-a-1', { role: 'primary' }),
    member('users-a-2', { lagSeconds: 1.25 }),
  ],
  waiting: { news: 'no member is there' },
  // The same pods once more, by the operator: they are in the tree.
  processes: [{ kind: 'imapd', name: 'mail-imapd-5c9-aaa', state: 'ready', pid: null, restarts: 0, startedAt: NOW }],
  pods: [
    pod('mail-imapd-5c9-aaa', imapd),
    pod('mail-imapd-5c9-bbb', { ...imapd, node: 'node-2', restarts: 1 }),
    pod('mail-imapd-5c9-ccc', { ...imapd, ready: false, node: 'node-3', problem: pulling }),
    pod('users-a-0', { ready: false, problem: 'Pending', node: null }),
    pod('users-a-1', {}),
    pod('users-a-2', { node: 'node-3', restarts: 2 }),
  ],
};
const routing: ControlRouting = {
  pods: [
    belief('mail-imapd-5c9-aaa', 12, 17),
    belief('mail-imapd-5c9-bbb', 11, 1),
    { pod: 'mail-imapd-5c9-ccc', belief: null, problem: 'timed out' },
  ],
};

test('a cluster on Kubernetes, and what is amiss with it', () => {
  expect(statusText({ status: kubernetes, routing }, NOW)).toBe(
    `post/mail  Degraded  imap 127.0.0.1:1143, imaps 127.0.0.1:1993
├─ ! Ready False (Because): one of three is missing
├─ imapd
│  ├─ mail-imapd-5c9-aaa  ready      17 sessions  routing 12  node-1
│  ├─ mail-imapd-5c9-bbb  ready      1 session    routing 11  node-2  1 restart
│  └─ mail-imapd-5c9-ccc  not ready  -            timed out   node-3  imapd: ImagePullBackOff: no such image
├─ partition users-a  FailingOver  epoch 2  primary users-a-1  postgresql, Quorum, step promote
│  ├─ users-a-0  -        no agent  -         -, Pending          -
│  ├─ users-a-1  primary  running   -         node-1              0/3000060
│  ├─ users-a-2  replica  running   lag 1.3s  node-3, 2 restarts  0/3000060
│  └─ ! RejoinNeeded True (Because): users-a-0 (rewind): no space left
└─ partition news     Creating     epoch -  primary -          postgresql, Quorum
   └─ ! waiting: no member is there
`,
  );
});

test('while the operator says nothing, what it wrote down last', () => {
  const seen = { name: 'users-a-1', role: 'primary', reachable: true, timeline: 2, errant: '1 transaction: 1-7-104' };
  const remembered: ControlStatus = {
    ...kubernetes,
    objects: [kubernetes.objects[0], { ...users, status: { ...users.status, members: [seen], lastFailover: null } }],
    members: [],
    waiting: {},
    operatorProblem: 'no operator leads',
    pods: [pod('users-a-1', {})],
  };
  expect(statusText({ status: remembered, routing: null }, NOW)).toContain(
    `├─ ! the operator does not answer: no operator leads
├─ ! Ready False (Because): one of three is missing
├─ imapd
│  └─ none
└─ partition users-a  Healthy  epoch 2  primary users-a-1  postgresql, Quorum
   ├─ users-a-1  primary  reachable  -  node-1
   └─ ! users-a-1 alone has 1 transaction: 1-7-104
`,
  );
});

test('a server that is down says why', () => {
  const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
  const down = member('users-a-1', { state: 'exited', lastWords: lines });
  const text = statusText({ status: { ...standalone, members: [down] }, routing: null }, NOW);
  expect(text).toContain('\n\nusers-a-1 is down; its last words:\n  line 12\n  line 13\n');
  expect(text).toContain('line 19\n\nPROCESS');
});
