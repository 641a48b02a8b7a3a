import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import type { ApiClient } from '../api/api-client.ts';
import { configMaps, leases } from '../api/resource.ts';
import { connect, runtime } from '../test-support/connect.ts';
import { CuttableLink } from '../test-support/cuttable-link.ts';
import { LeaderElection, type LeaseTiming } from './leader-election.ts';
import { Leadership, LeadershipLost } from './leadership.ts';

// Never do two lead at once, somebody leads soon after the leader has gone, and at once where it went in good order.

let server: ApiServer;
let client: ApiClient;

beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server.stop());

const within = { timeout: 30_000, interval: 10 };
const timing: LeaseTiming = { durationSeconds: 4, renewDeadlineMs: 2_500, intervalMs: 300 };

/** When each began and ended to lead, `performance.now()`. */
type Reign = { readonly who: string; readonly from: number; to: number };

function createCandidates(name: string) {
  const reigns: Reign[] = [];
  const lead = (who: string) => async (leadership: Leadership) => {
    const reign = { who, from: performance.now(), to: Number.POSITIVE_INFINITY };
    reigns.push(reign);
    while (leadership.isHeld()) await runtime.clock.sleep(5, leadership.signal);
    reign.to = performance.now();
  };
  const start = (who: string, as: ApiClient = client) => {
    const stop = new AbortController();
    const election = new LeaderElection({ ...runtime, client: as, namespace: 'default', name, identity: who, timing });
    const running = election.run(lead(who), stop.signal);
    return {
      async stop() {
        stop.abort(new Error('asked to stop'));
        await running;
      },
    };
  };
  return { reigns, start };
}

function expectNoTwoAtOnce(reigns: readonly Reign[]): void {
  const sorted = reigns.toSorted((a, b) => a.from - b.from);
  for (const [index, { to }] of sorted.entries())
    expect(to).toBeLessThanOrEqual(sorted[index + 1]?.from ?? Number.POSITIVE_INFINITY);
}

test('of two candidates one leads as long as it lives, and the other follows at once when it hands over', async () => {
  const { reigns, start } = createCandidates('handed-over');
  const first = start('first');
  await vi.waitFor(() => expect(reigns).toHaveLength(1), within);
  const second = start('second');
  const lease = { namespace: 'default', name: 'handed-over' };
  const renewals = new Set<string | undefined>();
  // Longer than the lease lasts without renewal.
  const long = performance.now() + timing.durationSeconds * 1_500;
  while (performance.now() < long) {
    renewals.add((await client.get(leases, lease))?.spec?.renewTime);
    await sleep(50);
  }
  expect(reigns).toHaveLength(1);
  expect(renewals.size).toBeGreaterThan(5);
  await first.stop();
  const left = performance.now();
  await vi.waitFor(() => expect(reigns).toHaveLength(2), within);
  expect(performance.now() - left).toBeLessThan(timing.durationSeconds * 1_000);
  await second.stop();
  expectNoTwoAtOnce(reigns);
  expect(reigns.map(({ who }) => who)).toEqual(['first', 'second']);
  expect((await client.get(leases, lease))?.spec).toMatchObject({ holderIdentity: '', leaseTransitions: 2 });
});

test('a leader that is cut off stops before another begins', async () => {
  await using link = await CuttableLink.open(server.endpoint, server.kubeconfig, 'cut');
  const { reigns, start } = createCandidates('cut-off');
  const first = start('first', connect(link.kubeconfig));
  await vi.waitFor(() => expect(reigns).toHaveLength(1), within);
  const second = start('second');
  const cutAt = performance.now();
  link.cut();
  await vi.waitFor(() => expect(reigns).toHaveLength(2), within);
  expect((reigns[0]?.to ?? 0) - cutAt).toBeLessThan(timing.renewDeadlineMs + 500);
  expectNoTwoAtOnce(reigns);
  await Promise.all([first.stop(), second.stop()]);
  expect(reigns.map(({ who }) => who)).toEqual(['first', 'second']);
});

test('a leader whose API server is slower than its renewals are frequent goes on leading', async () => {
  await using link = await CuttableLink.open(server.endpoint, server.kubeconfig, 'slow');
  const { reigns, start } = createCandidates('slow');
  const first = start('first', connect(link.kubeconfig));
  await vi.waitFor(() => expect(reigns).toHaveLength(1), within);
  const second = start('second');
  link.slow(timing.intervalMs * 2.5);
  await sleep(timing.renewDeadlineMs * 3);
  expect(reigns).toMatchObject([{ who: 'first', to: Number.POSITIVE_INFINITY }]);
  await Promise.all([first.stop(), second.stop()]);
  expectNoTwoAtOnce(reigns);
});

test('a leader whose lease somebody overwrites stops at its next renewal', async () => {
  const { reigns, start } = createCandidates('overwritten');
  const first = start('first');
  await vi.waitFor(() => expect(reigns).toHaveLength(1), within);
  await vi.waitFor(async () => {
    const lease = await client.get(leases, { namespace: 'default', name: 'overwritten' });
    expect(lease).not.toBeNull();
    if (lease === null) return;
    const spec = { ...lease.spec, holderIdentity: 'usurper', leaseDurationSeconds: 60 };
    expect(await client.replace(leases, { ...lease, spec })).toMatchObject({ ok: true });
  }, within);
  const overwrittenAt = performance.now();
  await vi.waitFor(() => expect(reigns[0]?.to).toBeLessThan(Number.POSITIVE_INFINITY), within);
  expect((reigns[0]?.to ?? 0) - overwrittenAt).toBeLessThan(timing.renewDeadlineMs);
  await first.stop();
  const after = await client.get(leases, { namespace: 'default', name: 'overwritten' });
  expect(after?.spec?.holderIdentity).toBe('usurper');
});

test('a client with the right of a leader reads on without it, and writes nothing more', async () => {
  const leadership = new Leadership(runtime.clock, Number.POSITIVE_INFINITY);
  const leading = connect(server.kubeconfig, leadership);
  const object = (name: string) => ({ metadata: { namespace: 'default', name } });
  expect(await leading.create(configMaps, object('while-leading'))).toMatchObject({ ok: true });
  leadership.end(new LeadershipLost('for the test'));
  await expect(leading.create(configMaps, object('afterwards'))).rejects.toThrow(LeadershipLost);
  expect(await leading.get(configMaps, object('while-leading').metadata)).not.toBeNull();
  expect(await leading.get(configMaps, object('afterwards').metadata)).toBeNull();
});
