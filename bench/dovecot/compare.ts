import { type BenchContext, type Figure, quantile } from '../bench.ts';
import type { Operation, Scene } from './operation.ts';
import type { SideName } from './side.ts';
import { type ProcessorTimes, processorTimes } from './usage.ts';

/** A round goes on for as long as this, so that a tick of the kernel's clock does not matter. */
const ROUND_MS = 400;
const MOST_IN_A_ROUND = 200;

/** One round on one side. */
export type Round = { readonly units: number; readonly ms: number; readonly processorMs: ProcessorTimes };

export type Scenes = Readonly<Record<SideName, Scene>>;

export type Pair = {
  readonly ours: Scene;
  readonly theirs: Scene;
  /** What `theirs` is, for people. */
  readonly than: string;
  /** Least ratio that we promise; null: nothing is promised. */
  readonly atLeast: number | null;
};
type PairOf<T> = { readonly ours: T; readonly theirs: T };

/**
 * Measures an operation on both sides in turn, a round here and a round there, so that what else goes on at the machine
 * meets both. The first round of each, which fills caches, does not count.
 */
export async function compare(operation: Operation, pair: Pair, { runs, signal }: BenchContext): Promise<Figure> {
  const rounds: PairOf<Round[]> = { ours: [], theirs: [] };
  const { ours, theirs } = pair;
  try {
    for (const scene of [ours, theirs]) await roundOf(operation, scene);
    for (let run = 0; run < runs; run++) {
      signal.throwIfAborted();
      rounds.ours.push(await roundOf(operation, ours));
      rounds.theirs.push(await roundOf(operation, theirs));
    }
  } finally {
    if (!signal.aborted) for (const scene of [ours, theirs]) await operation.tidy?.(scene);
  }
  return figureOf(operation, pair, rounds);
}

/** Does it again and again until the round is long enough. */
export async function roundOf(operation: Operation, scene: Scene, leastMs = ROUND_MS): Promise<Round> {
  if (operation.prepare === undefined) return await measured(scene, () => repeat(operation, scene, leastMs));
  let sum: Round = { units: 0, ms: 0, processorMs: {} };
  for (let i = 0; i < MOST_IN_A_ROUND && sum.ms < leastMs; i++) {
    await operation.prepare(scene);
    sum = together(sum, await measured(scene, () => operation.once(scene)));
  }
  return sum;
}

async function repeat(operation: Operation, scene: Scene, leastMs: number): Promise<number> {
  const until = performance.now() + leastMs;
  let units = 0;
  for (let i = 0; i < MOST_IN_A_ROUND && performance.now() < until; i++) units += await operation.once(scene);
  return units;
}

async function measured({ side }: Scene, work: () => Promise<number>): Promise<Round> {
  const before = await processorTimes(side);
  const begun = performance.now();
  const units = await work();
  const ms = performance.now() - begun;
  const after = await processorTimes(side);
  const parts = Object.keys(after).map((part) => [part, (after[part] ?? 0) - (before[part] ?? 0)] as const);
  return { units, ms, processorMs: Object.fromEntries(parts) };
}

function together(a: Round, b: Round): Round {
  const parts = Object.entries(b.processorMs).map(([part, ms]) => [part, ms + (a.processorMs[part] ?? 0)] as const);
  return { units: a.units + b.units, ms: a.ms + b.ms, processorMs: Object.fromEntries(parts) };
}

function figureOf(operation: Operation, { than, atLeast }: Pair, rounds: PairOf<readonly Round[]>): Figure {
  const ratios = rounds.ours.map((round, i) => rate(round) / rate(rounds.theirs[i] ?? round));
  const ratio = quantile(ratios, 0.5);
  const parts = Object.keys(rounds.ours[0]?.processorMs ?? {}).filter((part) => part !== 'all');
  return {
    what: operation.what,
    value: ratio,
    unit: `× ${than}`,
    ...(atLeast === null ? {} : { promise: `≥ ${atLeast}`, kept: ratio >= atLeast }),
    compared: {
      unit: `${operation.unit}/s`,
      ours: quantile(rounds.ours.map(rate), 0.5),
      theirs: quantile(rounds.theirs.map(rate), 0.5),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      processorUs: {
        ours: perUnit(rounds.ours, 'all'),
        theirs: perUnit(rounds.theirs, 'all'),
        ourParts: Object.fromEntries(parts.map((part) => [part, perUnit(rounds.ours, part)])),
      },
    },
  };
}

const rate = ({ units, ms }: Round): number => (units * 1000) / ms;

/** Over all rounds: a single one may be shorter than a few ticks. */
function perUnit(rounds: readonly Round[], part: string): number {
  const ms = rounds.reduce((sum, { processorMs }) => sum + (processorMs[part] ?? 0), 0);
  return (ms * 1000) / rounds.reduce((sum, { units }) => sum + units, 0);
}
