import { fetchContent } from '../../mailbox/fetch/fetch-content.ts';
import { fetchFromView } from '../../mailbox/fetch/fetch-from-view.ts';
import { planFetch } from '../../mailbox/fetch/fetch-plan.ts';
import { namesNewUids } from '../../mailbox/learn-of-new-uids.ts';
import type { MessageSelection } from '../../mailbox/mailbox-cursor.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { messagesOf, namesUnknown } from '../../mailbox/message-ids.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { changesSince } from '../../store/mailbox-state.ts';
import type { ModSeq } from '../../store/types.ts';
import { type CommandHandler, type CommandOf, SELECTED } from '../command-handler.ts';
import { bad, no, ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';

/** RFC 3501, 6.4.5; CHANGEDSINCE and MODSEQ: RFC 7162, 3.1.4. */
export const fetch = (services: MailboxServices): CommandHandler<'FETCH'> => ({
  name: 'FETCH',
  states: SELECTED,
  updates: (command) => (command.uid ? 'all' : 'noExpunge'),
  async run(command, context) {
    const { session, output } = context;
    const selected = SelectedMailbox.of(session);
    if (namesUnknown(command, selected.cursor)) return bad('No such message number');
    if (command.items.some((item) => item.kind === 'MODSEQ')) await useCondstore(context);
    const plan = planFetch(command);
    if (namesNewUids(command, selected)) {
      await selected.refresh();
      await selected.report('noExpunge', output);
    }
    const messages = changed(command, selected);
    if (plan.fields.size === 0) {
      await fetchFromView(selected, { items: plan.items, messages }, output);
      return ok('FETCH completed');
    }
    const { found, undecodable } = await fetchContent({ selected, services, context, plan }, messages);
    if (undecodable) return no('A part is in a transfer encoding that is not known here', 'UNKNOWN-CTE');
    // RFC 2180, 4.1.2: a message that others expunged and whose content is gone as well.
    const missing = !command.uid && found < messages.uids.length;
    return missing ? no('Some of the messages do not exist any more', 'EXPUNGEISSUED') : ok('FETCH completed');
  },
});

/** The messages that a FETCH names; with CHANGEDSINCE those of them that changed. */
function changed(command: CommandOf<'FETCH'>, { cursor }: SelectedMailbox): MessageSelection {
  const named = messagesOf(command, cursor);
  if (command.changedSince === null) return named;
  const { table, state } = cursor.view;
  const since = changesSince(state, command.changedSince as ModSeq);
  let index = -1;
  const newer = Array.from(named.uids, (uid) => {
    index = table.indexOf(uid, index + 1);
    return table.modSeqAt(index) > since;
  });
  const isNewer = (_: number, position: number): boolean => newer[position] === true;
  return { uids: named.uids.filter(isNewer), sequences: named.sequences.filter(isNewer) };
}
