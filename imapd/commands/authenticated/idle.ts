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
    const run: Run = { context, options, done: false, wake: null };
    const teller = tellerFor(context);
    const asked = context.input.ask('idling');
    const told = tell(teller, run);
    try {
      return completion(await Promise.race([asked, told.then(() => asked)]));
    } finally {
      run.done = true;
      run.wake?.();
      teller?.listen(null);
      await told;
    }
  },
});

function completion(line: Buffer | null): Completion {
  if (line === null) return ok('IDLE ended'); // the session says why it ends
  return line.toString('latin1').toUpperCase() === 'DONE' ? ok('IDLE completed') : bad('Expected DONE');
}

/** Thousands of clients may be idle: this is all that one of them needs, and no signal. */
type Run = {
  readonly context: CommandContext;
  readonly options: IdleOptions;
  /** The client has said DONE, or is gone. */
  done: boolean;
  /** Ends the wait; null where nothing waits. */
  wake: (() => void) | null;
};

/** Who knows what changes, and tells it. */
type Teller = {
  readonly waiting: () => boolean;
  readonly listen: (listener: (() => void) | null) => void;
  readonly tell: () => Promise<void>;
};

/** RFC 5465, 4: who has used NOTIFY hears what it has asked for, others what happens in the selected mailbox. */
function tellerFor({ session, output }: CommandContext): Teller | null {
  const { news, selected } = session;
  if (news !== null) {
    return {
      waiting: () => news.waiting,
      listen: (listener) => news.listen(selected, listener),
      tell: () => news.deliver(output, true),
    };
  }
  if (!(selected instanceof SelectedMailbox)) return null;
  return {
    waiting: () => selected.readable && selected.cursor.stale,
    listen: (listener) => selected.cursor.onChange(listener),
    // A right that is taken away meanwhile tells nothing more.
    tell: async () => {
      await selected.checkRights();
      await selected.report('all', output);
    },
  };
}

/** Writes what changes at once, and something now and then. Ends with `done`. @throws ConnectionClosed */
async function tell(teller: Teller | null, run: Run): Promise<void> {
  const { output } = run.context;
  await teller?.tell();
  while (!run.done) {
    const woken = await change(teller, run);
    if (run.done) return;
    if (woken === 'elapsed') await output.write('* OK Still here\r\n');
    // Also what could not be found out before.
    await teller?.tell();
  }
}

/** Waits for a change, for the next keep-alive, or for the end of IDLE. */
async function change(teller: Teller | null, run: Run): Promise<'elapsed' | 'woken'> {
  const { promise, resolve } = Promise.withResolvers<'elapsed' | 'woken'>();
  run.wake = () => resolve('woken');
  teller?.listen(run.wake);
  if (teller?.waiting() === true) return 'woken';
  const timer = setTimeout(() => resolve('elapsed'), run.options.keepAliveMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    run.wake = null;
  }
}
