import type { Logger } from './logger.ts';

export type Stop = { readonly signal: AbortSignal; readonly reason: () => string };

/**
 * When to stop: SIGTERM, SIGINT, or the death of the parent. The parent keeps this process's standard input open as a
 * pipe and never writes to it; its end means that the parent is gone, however it died. `IMAPCLUSTER_PARENT=stdin` in the
 * environment turns the watch on, so that a program started from a shell does not stop at once.
 */
export function watchForStop(log: Logger): Stop {
  const controller = new AbortController();
  let reason = '';
  const stop = (why: string): void => {
    if (controller.signal.aborted) return;
    reason = why;
    controller.abort(new Error(why));
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  if (process.env.IMAPCLUSTER_PARENT === 'stdin') {
    const gone = (): void => {
      log.event('ParentGone');
      stop('parent gone');
    };
    // Not 'close': a program that has done its work closes its end itself.
    process.stdin.on('end', gone).on('error', gone).resume();
  }
  return { signal: controller.signal, reason: () => reason };
}

/** Ends the process after `deadlineMs` even if something still holds the event loop. */
export function exitWithin(deadlineMs: number, code = 0): void {
  setTimeout(() => process.exit(code), deadlineMs).unref();
}
