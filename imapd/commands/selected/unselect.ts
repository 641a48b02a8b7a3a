import { type CommandHandler, SELECTED } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3691: CLOSE that expunges nothing. */
export const unselect: CommandHandler<'UNSELECT'> = {
  name: 'UNSELECT',
  states: SELECTED,
  capability: 'UNSELECT',
  updates: () => 'none',
  async run(_, { session }) {
    session.deselect();
    return ok('UNSELECT completed');
  },
};
