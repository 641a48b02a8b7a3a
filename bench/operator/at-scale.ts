import { configMaps } from '#operator/kubernetes/api/resource.ts';
import { pause } from '#runtime/deadline.ts';
import { type BenchContext, type Figure, promised, quantile } from '../bench.ts';
import { residentMiB } from '../memory.ts';
import { Meanwhile } from './meanwhile.ts';
import { processorMs } from './processor-time.ts';
import { Scene, untilWhole } from './scene.ts';
import type { Shape } from './world.ts';

const WHOLE: Shape = { clusters: 50, partitions: 1_000, pods: 2_000, mail: true };
/** For machines that the whole is too much for, and to see how figures grow. */
const TENTH: Shape = { clusters: 5, partitions: 100, pods: 200, mail: true };
const THIRD: Shape = { clusters: 15, partitions: 300, pods: 600, mail: true };
const SETTLE_MS = 5_000;
const WATCHED_MS = 10_000;
const EVENTS = 100;
/**
 * One a second is every partition once in a quarter of an hour, where there are a thousand. At the other pace a change of primary has
 * hardly ended when the next begins, and two processors have no more to give: for how it bends.
 */
const PACES = [
  { words: 'one dies each second', everyMs: 1_000, isPromised: true },
  { words: 'three die each second', everyMs: 300, isPromised: false },
] as const;
type Pace = (typeof PACES)[number];
/** Has no divisor in common with `EVENTS`: each partition's turn comes once, and neighbours are not of one cluster. */
const STRIDE = 37;
const RESIDENT_PROMISE_MIB = 300;
const ACTION_PROMISE_MS = 250;
const NINETY_NINE = 0.9899;

/** Many partitions and imapd pods, and a hundred primaries that die, twice. */
export const measureAtScale = (context: BenchContext): Promise<readonly Figure[]> => measure(WHOLE, context);
export const measureATenth = (context: BenchContext): Promise<readonly Figure[]> => measure(TENTH, context);
export const measureAThird = (context: BenchContext): Promise<readonly Figure[]> => measure(THIRD, context);

async function measure(shape: Shape, context: BenchContext): Promise<readonly Figure[]> {
  await using scene = await Scene.open(shape, context);
  const { pid } = scene.operator;
  await pause(SETTLE_MS, context.signal);
  const [before, began] = [await processorMs(pid), performance.now()];
  await pause(WATCHED_MS, context.signal);
  const share = (100 * ((await processorMs(pid)) - before)) / (performance.now() - began);
  const resident = await residentMiB(pid);
  context.progress(await scene.operator.heap());
  const what = (figure: string): string => `${shape.partitions} partitions, ${shape.pods} imapd: ${figure}`;
  const losses: Figure[] = [];
  for (const pace of PACES) losses.push(...(await measureLosses({ scene, shape, context, pace }, what)));
  return [
    promised({ what: what('resident'), value: resident, unit: 'MiB', atMost: RESIDENT_PROMISE_MIB }),
    { what: what('of one core'), value: share, unit: '%' },
    { what: what('start until all is whole'), value: scene.wholeMs / 1_000, unit: 's' },
    ...losses,
    { what: what(`resident after ${PACES.length * EVENTS} failovers`), value: await residentMiB(pid), unit: 'MiB' },
  ];
}

type Losing = { readonly scene: Scene; readonly shape: Shape; readonly context: BenchContext; readonly pace: Pace };

async function measureLosses(losing: Losing, whatOf: (figure: string) => string): Promise<readonly Figure[]> {
  const { scene, shape, context, pace } = losing;
  const meanwhile = await Meanwhile.begin(scene);
  const { times, writes } = await loseMany(losing);
  const lost = performance.now();
  const what = (figure: string): string => whatOf(`${pace.words}: ${figure}`);
  const surroundings = await meanwhile.figures(what);
  await untilWhole({ ...scene, context }, shape);
  const slowest = { what: what('→ first action, p99'), value: quantile(times, NINETY_NINE), unit: 'ms' };
  return [
    { what: what('→ first action, median'), value: quantile(times, 0.5), unit: 'ms' },
    pace.isPromised ? promised({ ...slowest, atMost: ACTION_PROMISE_MS }) : slowest,
    { what: what('a write of the API server, median'), value: quantile(writes, 0.5), unit: 'ms' },
    { what: what('a write of the API server, p99'), value: quantile(writes, NINETY_NINE), unit: 'ms' },
    ...surroundings,
    { what: what('last loss → all is whole'), value: (performance.now() - lost) / 1_000, unit: 's' },
  ];
}

type Losses = {
  /** Until the operator acts, in milliseconds. */
  readonly times: readonly number[];
  /** What one write took meanwhile: nothing may be done before the record says that it will be. Milliseconds. */
  readonly writes: readonly number[];
};

/** Partitions at even distances, so that all clusters have their share. */
async function loseMany({ scene, shape, context: { progress, signal }, pace }: Losing): Promise<Losses> {
  const losses: Promise<number>[] = [];
  const writes: Promise<number>[] = [];
  for (let event = 0; event < EVENTS; event += 1) {
    const partition = ((event * STRIDE) % EVENTS) * (shape.partitions / EVENTS);
    losses.push(scene.simulator.lose(partition, signal));
    writes.push(timedWrite(scene, `write-${pace.everyMs}-${event}`));
    await pause(pace.everyMs, signal);
  }
  const times = await Promise.all(losses);
  progress(`${times.length} primaries died; the operator acted after ${Math.max(...times).toFixed(0)} ms at most`);
  return { times, writes: await Promise.all(writes) };
}

async function timedWrite({ client, world }: Scene, name: string): Promise<number> {
  const namespace = world.clusters[0]?.namespace ?? '';
  const began = performance.now();
  await client.create(configMaps, { metadata: { namespace, name } });
  return performance.now() - began;
}
