import { expect, test } from 'vitest';
import type { AgentReport } from './agent-report.ts';
import { isNews } from './is-news.ts';
import { replicaReport, replication as wellReplicated } from './test-support/replica-report.ts';

const replication = {
  ...wellReplicated,
  standbys: [{ member: 'a2', streaming: true, synchronous: false, received: '0/3' }],
};
const report: AgentReport = { ...replicaReport, replication };
const standby = (received: string | null) => ({ member: 'a2', streaming: true, synchronous: false, received });

test.each<[string, Partial<AgentReport>, boolean]>([
  ['only its number', { sequence: 2 }, false],
  ['positions', { replication: { ...replication, received: '0/4', applied: '0/4' } }, false],
  [
    'silence of the upstream',
    { replication: { ...replication, upstream: { member: 'a0', streaming: true, silentMs: 900 } } },
    false,
  ],
  ['latency', { probe: { ...report.probe, latencyMs: 99 } }, false],
  ['what is kept for replicas', { retainedBytes: null }, false],
  ['words of a probe', { probe: { ...report.probe, message: 'slow' } }, false],
  ['what a replica has received', { replication: { ...replication, standbys: [standby('0/4')] } }, false],
  ['that nobody knows what it has received', { replication: { ...replication, standbys: [standby(null)] } }, false],
  ['something undefined', { instance: undefined } as object, false],
  ['a replica came', { replication: { ...replication, standbys: [standby('0/3'), standby('0/3')] } }, true],
  ['a replica went', { replication: { ...replication, standbys: [] } }, true],
  ['nobody is followed', { replication: { ...replication, upstream: null } }, true],
  ['nothing is known of its replication', { replication: null }, true],
  ['an activity', { activity: { name: 'clone', progress: null } }, true],
  ['it is told to end', { leaving: true }, true],
  ['something that no version has said yet', { one: 'day' } as object, true],
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

test('progress of an activity is none; that it has ended is', () => {
  const cloning = { ...report, activity: { name: 'clone', progress: 0.1 } };
  expect(isNews(cloning, { ...report, activity: { name: 'clone', progress: 0.2 } })).toBe(false);
  expect(isNews(cloning, { ...report, activity: { name: 'rewind', progress: 0.1 } })).toBe(true);
  expect(isNews(cloning, report)).toBe(true);
});

test('what is said no more is news', () => {
  expect(isNews({ ...report, leaving: true }, report)).toBe(true);
});

test('the first report is news', () => {
  expect(isNews(null, report)).toBe(true);
});
