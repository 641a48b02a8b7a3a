import type { Enabled } from '../../session/session.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';

/** What needs turning on. */
const ENABLEABLE: readonly Enabled[] = ['CONDSTORE', 'QRESYNC'];

/** RFC 5161. What is unknown, or needs no turning on, is passed over in silence. */
export const enable = (capabilities: Capabilities): CommandHandler<'ENABLE'> => ({
  name: 'ENABLE',
  states: SIGNED_IN,
  capability: 'ENABLE',
  async run(command, context) {
    const enabled = ENABLEABLE.filter((name) => command.capabilities.includes(name) && capabilities.has(name));
    await context.output.write(`${['* ENABLED', ...enabled].join(' ')}\r\n`);
    for (const name of enabled) if (name !== 'CONDSTORE') context.session.enable(name);
    // RFC 7162, 3.2.3: QRESYNC brings CONDSTORE.
    if (enabled.includes('CONDSTORE') || enabled.includes('QRESYNC')) await useCondstore(context);
    return ok('ENABLE completed');
  },
});
