import { expect, test } from 'vitest';
import type { AgentReport } from './agent-report.ts';
import { isNews } from './is-news.ts';

const report: AgentReport = {
  cluster: 'mail',
  partition: 'users-a',
  member: 'a1',
  bootId: 'b',
  sequence: 1,
  state: 'running',
  activity: null,
  serverPid: 7,
  serverVersion: '18.4',
  exit: null,
  probe: { consecutiveFailures: 0, failure: null, message: null, latencyMs: 2 },
  replication: {
    role: 'replica',
    systemIdentifier: '7',
    timeline: 1,
    received: '0/3',
    applied: '0/3',
    epoch: 1,
    upstream: { member: 'a0', streaming: true, silentMs: 10 },
    standbys: [],
    synchronous: { required: 0, members: [] },
  },
  fence: null,
  grantedEpoch: null,
  highestEpoch: 1,
  retainedBytes: 1,
  rebuild: null,
};
const replication = report.replication as NonNullable<AgentReport['replication']>;

test.each<[string, Partial<AgentReport>, boolean]>([
  ['only its number', { sequence: 2 }, false],
  ['positions', { replication: { ...replication, received: '0/4', applied: '0/4' } }, false],
  [
    'silence of the upstream',
    { replication: { ...replication, upstream: { member: 'a0', streaming: true, silentMs: 900 } } },
    false,
  ],
  ['latency', { probe: { ...report.probe, latencyMs: 99 } }, false],
  [
    'the stream broke',
    { replication: { ...replication, upstream: { member: 'a0', streaming: false, silentMs: null } } },
    true,
  ],
  ['a failed probe', { probe: { ...report.probe, consecutiveFailures: 1, failure: 'timeout' } }, true],
  ['the server ended', { state: 'exited', exit: { code: 1, signal: null, lastLog: [] } }, true],
  ['a fence', { fence: 'Isolated' }, true],
  ['a new timeline', { replication: { ...replication, timeline: 2 } }, true],
])('%s', (_, change, expected) => {
  expect(isNews(report, { ...report, ...change })).toBe(expected);
});

test('the first report is news', () => {
  expect(isNews(null, report)).toBe(true);
});
