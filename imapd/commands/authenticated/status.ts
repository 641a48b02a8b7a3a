import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';
import { lookUpDeleted, writeStatus } from './status-line.ts';

/** RFC 3501, 6.3.10. The counters stand in the mailbox row: no message is touched. */
export const status = (capabilities: Capabilities): CommandHandler<'STATUS'> => ({
  name: 'STATUS',
  states: SIGNED_IN,
  async run(command, context) {
    const { session, output, attempt } = context;
    const { name, store } = session.user;
    const state = await store.findMailbox(name, command.mailbox, attempt);
    if (state === null) return no('There is no such mailbox', 'NONEXISTENT');
    // RFC 7162, 3.1: asking for mod-sequences is using CONDSTORE.
    if (command.items.includes('HIGHESTMODSEQ')) await useCondstore(context);
    const { items } = command;
    const deletedOctets = await lookUpDeleted(store, { items, states: [state] }, context);
    const writer = new ResponseWriter(session.mailboxNames);
    writeStatus(writer, state, { items, appendLimit: capabilities.appendLimit, deletedOctets });
    await output.write(writer.take());
    return ok('STATUS completed');
  },
});
