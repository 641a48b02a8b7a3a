import { cpus } from 'node:os';
import { pause } from '#runtime/deadline.ts';
import { type BenchContext, type Figure, promised } from '../bench.ts';
import { residentMiB } from '../memory.ts';
import { idleMs } from './idle-ms.ts';
import { processorMs } from './processor-time.ts';
import { Scene } from './scene.ts';

const SHAPE = { clusters: 3, partitions: 20, pods: 9, mail: false };
/** At sixty reports a second it takes Node a minute to compile what it runs; who is at rest for hours has that behind him. */
const SETTLE_MS = 60_000;
const IDLE_MS = 60_000;
const RESIDENT_PROMISE_MIB = 150;
const CORE_PROMISE_PERCENT = 1;

/** Few partitions, all healthy, and nothing to do. */
export async function measureAtRest(context: BenchContext): Promise<readonly Figure[]> {
  await using scene = await Scene.open(SHAPE, context);
  const { pid } = scene.operator;
  await pause(SETTLE_MS, context.signal);
  const since = new Date();
  const [before, idle, began] = [await processorMs(pid), idleMs(), performance.now()];
  await pause(IDLE_MS, context.signal);
  const [spent, idled, took] = [(await processorMs(pid)) - before, idleMs() - idle, performance.now() - began];
  context.progress(await scene.operator.heap());
  const written = await scene.writes(since);
  for (const { verb, requestURI } of written.slice(0, MOST_TOLD)) context.progress(`${verb} ${requestURI}`);
  const what = (figure: string): string => `3 clusters, 20 partitions at rest: ${figure}`;
  return [
    promised({ what: what('resident'), value: await residentMiB(pid), unit: 'MiB', atMost: RESIDENT_PROMISE_MIB }),
    promised({ what: what('of one core'), value: (100 * spent) / took, unit: '%', atMost: CORE_PROMISE_PERCENT }),
    { what: what(`left idle of the ${cpus().length} cores`), value: (100 * idled) / took, unit: '% of one' },
    promised({ what: what('writes in 60 s but Leases'), value: written.length, unit: 'requests', atMost: 0 }),
  ];
}

const MOST_TOLD = 10;
