import { pause } from '#runtime/deadline.ts';
import type { Run } from '../run.ts';

const EVERY_MS = 200;

/** Notes, all through the run, which epoch every imapd process believes in (I4). */
export function watchBeliefs(run: Run, partitions: readonly string[]): { stop(): Promise<void> } {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, run.signal]);
  const watching = (async () => {
    do {
      for (const partition of partitions) {
        const beliefs = await run.cluster.beliefs(partition);
        const at = run.recorder.now();
        for (const { pod, epoch } of beliefs) run.recorder.add({ kind: 'belief', at, pod, partition, epoch });
      }
    } while ((await pause(EVERY_MS, signal)) === 'elapsed');
  })();
  return {
    stop: async () => {
      stop.abort();
      await watching;
    },
  };
}
