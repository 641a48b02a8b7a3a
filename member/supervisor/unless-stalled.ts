import type { Progress } from '../engine.ts';

export type Watched = {
  /** Who sends, for the message. */
  readonly what: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly stalledMs?: number;
};

/** A server that sends a copy tells of its progress each second; this is what a disk may take to write out what came. */
const STALLED_MS = 60_000;

/**
 * A copy that is given up where its source falls silent. A primary that hangs is replaced, and the copy of it given up then; of a
 * replica that hangs nobody would notice for as long as its connection is there.
 */
export async function unlessStalled<T>(
  { what, progress, signal, stalledMs = STALLED_MS }: Watched,
  copy: (progress: Progress, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stalled = new AbortController();
  const timer = setTimeout(
    () => stalled.abort(new Error(`${what} has sent nothing of the copy for ${stalledMs / 1_000} s`)),
    stalledMs,
  );
  const noted: Progress = (name, fraction) => {
    timer.refresh();
    progress(name, fraction);
  };
  try {
    return await copy(noted, AbortSignal.any([signal, stalled.signal]));
  } finally {
    clearTimeout(timer);
  }
}
