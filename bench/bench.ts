import type { Engine } from '#database/engine.ts';

/** One figure: what was measured, in which unit, and what the project promises, if it does. */
export type Figure = {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly promise?: string;
  /** Whether the promise was kept in this run; absent where nothing is promised. */
  readonly kept?: boolean;
  /** Where another server was measured beside ours: `value` says how ours compares with it, or is ours. */
  readonly compared?: Compared;
  /** Where our time goes: one line a function, the longest first. */
  readonly profile?: readonly string[];
};

export type Compared = {
  /** Of `ours` and `theirs`: `messages/s`. */
  readonly unit: string;
  readonly ours: number;
  /** Null where there is nothing to compare with. */
  readonly theirs: number | null;
  /** Least and largest ratio of a round. */
  readonly spread?: readonly [number, number];
  /** Time on processors for one unit, µs: of all processes that serve it; by part for ours. */
  readonly processorUs?: {
    readonly ours: number;
    readonly theirs: number;
    readonly ourParts: Readonly<Record<string, number>>;
  };
};

export type BenchContext = {
  /** Progress for people, to standard error. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  /** How often a repeated measurement is repeated. */
  readonly runs: number;
  /** `--engine`, for a bench that `takesEngine`; absent where none was asked for. */
  readonly engine?: Engine;
  /** `--messages`, `--only` and `--profile`, for a bench that knows them. */
  readonly messages?: number;
  readonly only?: readonly string[];
  readonly profile?: boolean;
};

/** A measurement that can be asked for by name. It cleans up what it started, also when it fails. */
export type Bench = {
  readonly name: string;
  readonly about: string;
  /** Measures the engine that is asked for. Others refuse to be told one: their figures would be taken for its. */
  readonly takesEngine?: boolean;
  run(context: BenchContext): Promise<readonly Figure[]>;
};

/** What a person can mend before asking again: told without a stack. */
export class BenchRefusal extends Error {
  override readonly name = 'BenchRefusal';
}

/** A figure that the project promises to keep at or below a bound. */
export function promised({ atMost, ...figure }: Pick<Figure, 'what' | 'value' | 'unit'> & { atMost: number }): Figure {
  return { ...figure, promise: `≤ ${atMost}`, kept: figure.value <= atMost };
}

/** The value below which `share` (0–1) of the values lie; values need not be sorted. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
