import { expect, test } from 'vitest';
import type { AgentReport } from './agent-report.ts';
import { beatOf, withBeat } from './beat.ts';
import { replicaReport, replication } from './test-support/replica-report.ts';

// Promise: who reads beats knows exactly what who reads reports knows.

const whole: AgentReport = { ...replicaReport, sequence: 7 };
const [first, second] = replication.standbys;
const upstream = replication.upstream;

test.each<[string, Partial<AgentReport>, object]>([
  ['nothing', {}, {}],
  ['latency', { probe: { ...whole.probe, latencyMs: 0.4 } }, { latencyMs: 0.4 }],
  ['latency that is not known', { probe: { ...whole.probe, latencyMs: null } }, { latencyMs: null }],
  ['log that is kept', { retainedBytes: null }, { retainedBytes: null }],
  [
    'positions',
    { replication: { ...replication, received: '0/5', applied: '0/4' } },
    { received: '0/5', applied: '0/4' },
  ],
  [
    'silence of the upstream',
    { replication: { ...replication, upstream: { ...upstream, silentMs: 4_000 } } },
    { silentMs: 4_000 },
  ],
  [
    'what one replica has received',
    { replication: { ...replication, standbys: [{ ...first, received: '0/4' }, second] as never } },
    { standbys: ['0/4', null] },
  ],
  [
    'what another has received',
    { replication: { ...replication, standbys: [first, { ...second, received: '0/4' }] as never } },
    { standbys: ['0/3', '0/4'] },
  ],
])('a beat says what has moved, and no more: %s', (_, change, figures) => {
  const now = { ...whole, ...change, sequence: 9 };
  const beat = beatOf(whole, now);
  expect(beat).toEqual({ beat: 9, since: 7, ...figures });
  expect(withBeat(whole, JSON.parse(JSON.stringify(beat)))).toEqual(now);
});

test.each<[string, Partial<AgentReport>]>([
  ['the server ended', { state: 'exited', exit: { code: 1, signal: null, lastLog: [] } }],
  ['a failed probe', { probe: { ...whole.probe, consecutiveFailures: 1, failure: 'timeout' } }],
  ['words of a probe', { probe: { ...whole.probe, message: 'too many connections' } }],
  ['progress', { activity: { name: 'clone', progress: 0.5 } }],
  ['a fence', { fence: 'Isolated' }],
  ['it is told to end', { leaving: true }],
  ['nothing is known of its replication', { replication: null }],
  ['a new timeline, with positions on it', { replication: { ...replication, timeline: 2, received: '0/9' } }],
  ['it follows nobody', { replication: { ...replication, upstream: null } }],
  ['a replica has gone', { replication: { ...replication, standbys: [first] as never } }],
  [
    'a replica waits no more',
    { replication: { ...replication, standbys: [{ ...first, streaming: false }, second] as never } },
  ],
  ['something that no version has said yet', { one: 'day' } as object],
])('whatever else has changed takes a report: %s', (_, change) => {
  expect(beatOf(whole, { ...whole, ...change, sequence: 8 })).toBeNull();
});

test('a server without replication beats too', () => {
  const stopped = { ...whole, state: 'stopped', replication: null } as const;
  const now = { ...stopped, sequence: 8 };
  const beat = beatOf(stopped, now);
  expect(beat).toEqual({ beat: 8, since: 7 });
  expect(withBeat(stopped, { beat: 8, since: 7 })).toEqual(now);
});
