import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { Enabled } from '../../session/session.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';

/** What is turned on by ENABLE. */
const ENABLEABLE: readonly Enabled[] = ['CONDSTORE', 'QRESYNC', 'IMAP4rev2', 'UTF8=ACCEPT', 'UIDONLY'];

/** RFC 5161; RFC 9051, 6.3.1; RFC 6855, 3. What is unknown, or needs no turning on, is passed over in silence. */
export const enable = (capabilities: Capabilities): CommandHandler<'ENABLE'> => ({
  name: 'ENABLE',
  states: SIGNED_IN,
  capability: 'ENABLE',
  async run(command, context) {
    const enabled = ENABLEABLE.filter(
      (name) => command.capabilities.includes(name.toUpperCase()) && capabilities.has(name),
    );
    await context.output.write(`${['* ENABLED', ...enabled].join(' ')}\r\n`);
    for (const name of enabled) if (name !== 'CONDSTORE') context.session.enable(name);
    // RFC 7162, 3.2.3: QRESYNC brings CONDSTORE.
    if (enabled.includes('CONDSTORE') || enabled.includes('QRESYNC')) await useCondstore(context);
    const { selected } = context.session;
    if (context.session.uidOnly && selected instanceof SelectedMailbox) {
      // RFC 9586, 3: what is kept up by message numbers cannot be told any more.
      for (const line of selected.contexts.endNumbered()) await context.output.write(line);
    }
    return ok('ENABLE completed');
  },
});
