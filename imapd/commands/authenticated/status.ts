import type { Sharing } from '../../acl/sharing.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';
import { lookUpDeleted, lookUpUnseen, writeStatus } from './status-line.ts';

/** RFC 3501, 6.3.10. The counters stand in the mailbox row: no message is touched, but for UNSEEN of a guest. */
export const status = (capabilities: Capabilities, sharing: Sharing): CommandHandler<'STATUS'> => ({
  name: 'STATUS',
  states: SIGNED_IN,
  async run(command, context) {
    const { session, output } = context;
    const found = await sharing.find({ command: command.name, mailbox: command.mailbox }, context);
    if (found.kind === 'refused') return found.completion;
    const { store, shown, reader = null } = found.place;
    const state = { ...found.mailbox, name: shown };
    // RFC 7162, 3.1: asking for mod-sequences is using CONDSTORE.
    if (command.items.includes('HIGHESTMODSEQ')) await useCondstore(context);
    const { items } = command;
    const deletedOctets = await lookUpDeleted(store, { items, states: [state] }, context);
    const unseen = await lookUpUnseen(store, { items, mailboxes: [state.id], reader }, context);
    const writer = new ResponseWriter(session.mailboxNames);
    writeStatus(writer, state, { items, appendLimit: capabilities.appendLimit, deletedOctets, unseen });
    await output.write(writer.take());
    return ok('STATUS completed');
  },
});
