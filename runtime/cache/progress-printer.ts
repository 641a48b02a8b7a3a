/** Where progress goes: a line that is written over on a terminal, a line now and again elsewhere. */
export type ProgressPrinter = {
  /** What happens now; called as often as one likes. */
  live(text: string): void;
  /** What stays on the screen. */
  line(text: string): void;
};

/** In a log file a line a minute is enough to see that it goes on. */
const QUIET_MS = 60_000;
/** Back to the first column, and erase to the end (ECMA-48 EL). */
const ERASE = '\r\u001b[K';

export function createProgressPrinter(
  out: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown },
  now: () => number = () => performance.now(),
): ProgressPrinter {
  if (out.isTTY === true) {
    return {
      // A line that wraps could not be written over.
      live: (text) => out.write(`${ERASE}${text.slice(0, (out.columns ?? 80) - 1)}`),
      line: (text) => out.write(`${ERASE}${text}\n`),
    };
  }
  let last = Number.NEGATIVE_INFINITY;
  return {
    live(text) {
      if (now() - last < QUIET_MS) return;
      last = now();
      out.write(`${text}\n`);
    },
    line(text) {
      last = now();
      out.write(`${text}\n`);
    },
  };
}
