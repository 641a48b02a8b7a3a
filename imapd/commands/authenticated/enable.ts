import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';

/** RFC 5161. What is unknown, or needs no turning on, is passed over in silence. */
export const enable = (capabilities: Capabilities): CommandHandler<'ENABLE'> => ({
  name: 'ENABLE',
  states: SIGNED_IN,
  capability: 'ENABLE',
  async run(command, context) {
    const condstore = command.capabilities.includes('CONDSTORE') && capabilities.has('CONDSTORE');
    await context.output.write(`* ENABLED${condstore ? ' CONDSTORE' : ''}\r\n`);
    if (condstore) await useCondstore(context);
    return ok('ENABLE completed');
  },
});
