import type { FallbackReason } from './observer.ts';

/** What is known of one reader at this moment. */
export type ReaderFacts = {
  readonly name: string;
  /** Answers, follows the writer's timeline and has the stamp of the epoch in force. */
  readonly serving: boolean;
  /** Milliseconds behind the writer at most; grows until the next report. null = not known. */
  readonly ageMs: number | null;
  /** Its age when it reported last: what it is usually behind, without the wait for a report. null = not known. */
  readonly lagMs: number | null;
  /** Excluded for its lag until it has clearly caught up (`stillLagging`). */
  readonly lagging: boolean;
  /** Moving average of its answers, ms. */
  readonly latencyMs: number;
};

export type ReaderChoice =
  | { readonly kind: 'reader'; readonly name: string }
  | { readonly kind: 'primary'; readonly reason: FallbackReason };

/**
 * Hysteresis: out above `maxLagMs`, in again below half of it, so that a replica at the limit does not send its load to and
 * fro. An unknown age is no reason to trust.
 */
export function stillLagging(before: boolean, ageMs: number | null, maxLagMs: number): boolean {
  if (ageMs === null) return true;
  return ageMs > (before ? maxLagMs / 2 : maxLagMs);
}

/** A reader this many times slower than another is left out when the two meet. */
const CLEARLY_SLOWER = 2;
/** Differences below this are noise of the measurement, ms. */
const NOISE_MS = 5;

/**
 * Of two readers taken at random the clearly quicker one, else the first: slow ones are spared, and equals share the load
 * instead of all processes running to the one that was quicker by a hair.
 * `learntAgoMs`: how long ago this process learnt of the youngest thing it wants; a reader that is usually further behind
 * is not worth the question. One that is not may still lack it: that costs a round trip, and the primary is asked then.
 */
export function chooseReader(
  readers: readonly ReaderFacts[],
  wish: { readonly learntAgoMs: number; readonly random: () => number },
): ReaderChoice {
  const serving = readers.filter((reader) => reader.serving);
  if (serving.length === 0) return { kind: 'primary', reason: 'noReader' };
  const fresh = serving.filter((reader) => !reader.lagging);
  if (fresh.length === 0) return { kind: 'primary', reason: 'lagging' };
  const able = fresh.filter((reader) => (reader.lagMs ?? Number.POSITIVE_INFINITY) < wish.learntAgoMs);
  if (able.length === 0) return { kind: 'primary', reason: 'recent' };
  return { kind: 'reader', name: quickerOfTwo(able, wish.random).name };
}

function quickerOfTwo(readers: readonly ReaderFacts[], random: () => number): ReaderFacts {
  const first = Math.floor(random() * readers.length);
  const step = 1 + Math.floor(random() * (readers.length - 1));
  const a = readers[first] as ReaderFacts;
  const b = readers[(first + step) % readers.length] as ReaderFacts;
  return a.latencyMs <= b.latencyMs * CLEARLY_SLOWER + NOISE_MS ? a : b;
}
