import { ANY_STATE, type CommandHandler } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3501, 6.1.2: does nothing, so that the session tells what has changed. */
export const noop: CommandHandler<'NOOP'> = {
  name: 'NOOP',
  states: ANY_STATE,
  async run(_, { session }) {
    await session.selected?.refresh();
    return ok('NOOP completed');
  },
};
