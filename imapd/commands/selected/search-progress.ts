import type { Capabilities } from '../any-state/capability-table.ts';
import type { CommandContext } from '../command-handler.ts';

/** How often a client is told that its search goes on (RFC 9585). */
const PROGRESS_MS = 5000;

export type ProgressOptions = {
  readonly capabilities: Capabilities;
  readonly progressMs?: number;
};

/** Tells the client now and then that so many of so many messages that must be read have been. */
export function searchProgress(
  { tag, output }: CommandContext,
  { capabilities, progressMs = PROGRESS_MS }: ProgressOptions,
): (done: number, of: number) => Promise<void> {
  let last = performance.now();
  return async (done, of) => {
    if (performance.now() - last < progressMs) return;
    last = performance.now();
    const code = capabilities.has('INPROGRESS') ? `[INPROGRESS ("${tag}" ${done} ${of})] ` : '';
    await output.write(`* OK ${code}Still searching\r\n`);
  };
}
