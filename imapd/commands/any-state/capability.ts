import { ANY_STATE, type CommandHandler } from '../command-handler.ts';
import { ok } from '../completion.ts';
import type { Capabilities } from './capability-table.ts';

/** RFC 3501, 6.1.1. */
export const capability = (capabilities: Capabilities): CommandHandler<'CAPABILITY'> => ({
  name: 'CAPABILITY',
  states: ANY_STATE,
  async run(_, { session, output }) {
    await output.write(`* CAPABILITY ${capabilities.shownTo(session)}\r\n`);
    return ok('CAPABILITY completed');
  },
});
