import { pause } from '#runtime/deadline.ts';
import { Stall } from './stall.ts';

const LOOKS = 10;
const LONGEST_STEP_MS = 10_000;

export type HungStartOptions = {
  /** Without any sign of work for so long it hangs. Milliseconds. */
  readonly afterMs: number;
  readonly signs: () => Promise<string | null>;
  /** Fires when it has started, or ended. */
  readonly over: AbortSignal;
  /** What fails is tried again after as long. */
  readonly end: (stalledMs: number) => Promise<void>;
};

/**
 * Ends a server whose start hangs. A recovery may last for hours, so it is not held against a clock: one that works uses the
 * processor or the disk, and one that neither does, nor says anything, nor begins or ends a process, will not be there later either.
 */
export async function endHungStart({ afterMs, signs, over, end }: HungStartOptions): Promise<void> {
  const stepMs = Math.min(LONGEST_STEP_MS, afterMs / LOOKS);
  let stall = new Stall(2 * stepMs);
  while ((await pause(stepMs, over)) === 'elapsed') {
    const stalledMs = stall.look(await signs(), performance.now());
    if (stalledMs < afterMs || over.aborted) continue;
    await end(stalledMs);
    stall = new Stall(2 * stepMs);
  }
}
