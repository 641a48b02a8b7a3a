import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { ProcessReport } from './processes/kept-process.ts';
import { supervisorMetrics } from './supervisor-metrics.ts';

const reports: readonly ProcessReport[] = [
  { kind: 'agent', name: 'agent a-0', state: 'running', pid: 5, restarts: 0, startedAt: 2_000 },
  { kind: 'agent', name: 'agent a-1', state: 'running', pid: 6, restarts: 2, startedAt: 3_500 },
  { kind: 'operator', name: 'operator', state: 'waiting', pid: null, restarts: 1, startedAt: 1_000 },
];

test('processes by kind and state, and their restarts', async () => {
  const registry = new Registry();
  let now = reports;
  supervisorMetrics(registry, () => now);
  const shown = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  await shown();
  expect(await shown()).toEqual([
    'imapcluster_processes{kind="agent",state="running"} 2',
    'imapcluster_processes{kind="operator",state="waiting"} 1',
    'imapcluster_process_start_time_seconds{kind="agent",process="agent a-0"} 2',
    'imapcluster_process_start_time_seconds{kind="agent",process="agent a-1"} 3.5',
    'imapcluster_process_restarts_total{kind="agent",process="agent a-0"} 0',
    'imapcluster_process_restarts_total{kind="agent",process="agent a-1"} 2',
    'imapcluster_process_restarts_total{kind="operator",process="operator"} 1',
  ]);
  now = reports.slice(0, 1);
  expect(await shown()).not.toContainEqual(expect.stringContaining('waiting'));
});
