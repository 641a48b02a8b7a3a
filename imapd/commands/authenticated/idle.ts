import { pause } from '#runtime/deadline.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { type CommandContext, type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { bad, type Completion, ok } from '../completion.ts';

export type IdleOptions = { readonly keepAliveMs: number };

/** RFC 2177: tells what changes until the client says DONE. */
export const idle = (options: IdleOptions): CommandHandler<'IDLE'> => ({
  name: 'IDLE',
  states: SIGNED_IN,
  capability: 'IDLE',
  async run(_, context) {
    const { selected } = context.session;
    const done = new AbortController();
    const teller = selected instanceof SelectedMailbox ? selected : null;
    const asked = context.input.ask('idling');
    const told = tell(teller, { context, options, done: done.signal });
    try {
      return completion(await Promise.race([asked, told.then(() => asked)]));
    } finally {
      done.abort();
      teller?.cursor.onChange(null);
      await told;
    }
  },
});

function completion(line: Buffer | null): Completion {
  if (line === null) return ok('IDLE ended'); // the session says why it ends
  return line.toString('latin1').toUpperCase() === 'DONE' ? ok('IDLE completed') : bad('Expected DONE');
}

type Run = { readonly context: CommandContext; readonly options: IdleOptions; readonly done: AbortSignal };

/** Writes what changes at once, and something now and then. Ends with `done`. @throws ConnectionClosed */
async function tell(selected: SelectedMailbox | null, run: Run): Promise<void> {
  const { output } = run.context;
  if (selected !== null) await selected.report('all', output);
  while (!run.done.aborted) {
    const woken = await change(selected, run);
    if (run.done.aborted) return;
    if (woken === 'elapsed') await output.write('* OK Still here\r\n');
    // Also what could not be found out before.
    await selected?.report('all', output);
  }
}

/** Waits for a change of the mailbox, for the next keep-alive, or for the end of IDLE. */
async function change(selected: SelectedMailbox | null, run: Run): Promise<'elapsed' | 'aborted'> {
  if (selected?.cursor.stale === true) return 'aborted';
  const woken = new AbortController();
  const wake = (): void => woken.abort();
  selected?.cursor.onChange(wake);
  run.done.addEventListener('abort', wake, { once: true });
  try {
    return await pause(run.options.keepAliveMs, woken.signal);
  } finally {
    run.done.removeEventListener('abort', wake);
  }
}
