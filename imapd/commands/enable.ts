import type { Capabilities } from './capability-table.ts';
import { type CommandHandler, SIGNED_IN } from './command-handler.ts';
import { ok } from './completion.ts';

/** RFC 5161. What is unknown, or needs no turning on, is passed over in silence. */
export const enable = (capabilities: Capabilities): CommandHandler<'ENABLE'> => ({
  name: 'ENABLE',
  states: SIGNED_IN,
  capability: 'ENABLE',
  async run(command, { session, output }) {
    const condstore = command.capabilities.includes('CONDSTORE') && capabilities.has('CONDSTORE');
    if (condstore) session.enable('CONDSTORE');
    await output.write(`* ENABLED${condstore ? ' CONDSTORE' : ''}\r\n`);
    return ok('ENABLE completed');
  },
});
