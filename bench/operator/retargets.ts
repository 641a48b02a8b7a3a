import { waitFor } from '#demo/wait-for.ts';
import { mailboxPartitions } from '#operator/kubernetes/api/resource.ts';
import { type BenchContext, type Figure, promised, quantile } from '../bench.ts';
import { Scene } from './scene.ts';

const PODS = 20;
const PROMISE_MS = 200;
const WITHIN_MS = 30_000;
const NINE_OF_TEN = 0.8999;

/** Primaries of one cluster die one after the other; how long until all its imapd have taken the new target. */
export async function measureRetargets(context: BenchContext): Promise<readonly Figure[]> {
  const { runs, signal } = context;
  // Each partition loses its primary once: it is no flapping then.
  await using scene = await Scene.open({ clusters: 1, partitions: runs, pods: PODS, mail: true }, context);
  const times: number[] = [];
  const [cluster] = scene.world.clusters;
  for (const [index, { name }] of (cluster?.partitions ?? []).entries()) {
    await scene.simulator.lose(index, signal);
    const key = { namespace: cluster?.namespace, name };
    const taken = await waitFor(
      async () => {
        const { status } = (await scene.client.get(mailboxPartitions, key)) ?? {};
        return status?.phase === 'Healthy' ? (status.lastFailover?.phases?.retarget ?? null) : null;
      },
      { what: `${name} has another primary`, withinMs: WITHIN_MS, everyMs: 100, signal },
    );
    times.push(taken);
  }
  const what = (figure: string): string => `20 imapd, push of a target to the last ack: ${figure}`;
  return [
    { what: what('median'), value: quantile(times, 0.5), unit: 'ms' },
    promised({ what: what('9 of 10'), value: quantile(times, NINE_OF_TEN), unit: 'ms', atMost: PROMISE_MS }),
    { what: what('worst'), value: Math.max(...times), unit: 'ms' },
  ];
}
