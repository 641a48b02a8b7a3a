import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { type MemberFigures, MemberMetrics } from './metrics.ts';

const figures: MemberFigures = {
  report: {
    cluster: 'mail',
    partition: 'users',
    member: 'users-0',
    state: 'running',
    activity: null,
    serverPid: 7,
    serverVersion: '18',
    exit: null,
    probe: { consecutiveFailures: 0, failure: null, message: null, latencyMs: 2 },
    replication: {
      role: 'primary',
      systemIdentifier: '1',
      timeline: 1,
      received: '1000',
      applied: '1000',
      epoch: 3,
      upstream: null,
      standbys: [
        { member: 'users-1', streaming: true, synchronous: true, received: '900' },
        { member: 'users-2', streaming: false, synchronous: false, received: null },
      ],
      synchronous: { required: 1, members: ['users-1'] },
    },
    fence: null,
    grantedEpoch: 3,
    highestEpoch: 3,
    retainedBytes: 4096,
  },
  positionOf: Number,
  operatorSilentMs: 250,
  peersSilentMs: null,
};

/** `name{labels} value` of everything shown. */
async function shown(registry: Registry): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('a primary', async () => {
  const registry = new Registry();
  const metrics = new MemberMetrics(registry, () => figures);
  metrics.serverExited('DiskFull');
  metrics.serverExited(null);
  metrics.serverRestarted();
  expect(await shown(registry)).toEqual([
    'imapcluster_member_server_exits_total{cause="DiskFull"} 1',
    'imapcluster_member_server_exits_total{cause="other"} 1',
    'imapcluster_member_server_restarts_total 1',
    'imapcluster_member_server_up 1',
    'imapcluster_member_server_state{state="running"} 1',
    'imapcluster_member_role{role="primary"} 1',
    'imapcluster_member_epoch 3',
    'imapcluster_member_granted_epoch 3',
    'imapcluster_member_highest_epoch 3',
    'imapcluster_member_received_bytes 1000',
    'imapcluster_member_applied_bytes 1000',
    'imapcluster_member_standby_behind_bytes{standby="users-1"} 100',
    'imapcluster_member_retained_bytes 4096',
    'imapcluster_member_probe_failures 0',
    'imapcluster_member_probe_latency_seconds 0.002',
    'imapcluster_member_operator_silent_seconds 0.25',
  ]);
});

test('what is no longer known is absent, not old and not 0', async () => {
  const registry = new Registry();
  let now = figures;
  void new MemberMetrics(registry, () => now);
  await registry.metrics();
  const report = {
    ...figures.report,
    state: 'exited',
    replication: null,
    retainedBytes: null,
    fence: 'NoGrant',
  } as const;
  now = { ...figures, report: { ...report, grantedEpoch: null } };
  const lines = await shown(registry);
  expect(lines).toContain('imapcluster_member_server_up 0');
  expect(lines).toContain('imapcluster_member_server_state{state="exited"} 1');
  expect(lines).toContain('imapcluster_member_fenced{reason="NoGrant"} 1');
  expect(lines).toContain('imapcluster_member_granted_epoch 0');
  expect(lines.filter((line) => /role|_bytes|member_epoch|state="running"/.test(line))).toEqual([]);
});
