import { fetchContent } from '../../mailbox/fetch/fetch-content.ts';
import { fetchFromView } from '../../mailbox/fetch/fetch-from-view.ts';
import { planFetch } from '../../mailbox/fetch/fetch-plan.ts';
import { namesNewUids } from '../../mailbox/learn-of-new-uids.ts';
import type { MessageSelection } from '../../mailbox/mailbox-cursor.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { messagesOf, namesUnknown } from '../../mailbox/message-ids.ts';
import { changedMessages } from '../../mailbox/resync/changed-messages.ts';
import { type Known, missedSince } from '../../mailbox/resync/known.ts';
import { tellVanished } from '../../mailbox/resync/missed.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { SAVED } from '../../protocol/sets/message-set.ts';
import { type ResultRange, sliceOf } from '../../protocol/sets/result-range.ts';
import { SequenceSet } from '../../protocol/sets/sequence-set.ts';
import { changesSince } from '../../store/mailbox-state.ts';
import type { ModSeq } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, type CommandOf, SELECTED } from '../command-handler.ts';
import { bad, type Completion, no, ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';
import { allowed, partly, tooManyMessages } from './message-limit.ts';

/** RFC 3501, 6.4.5; CHANGEDSINCE and MODSEQ: RFC 7162, 3.1.4; VANISHED: RFC 7162, 3.2.6; PARTIAL: RFC 9394, 3.3; limit: RFC 9738. */
export const fetch = (services: MailboxServices, capabilities: Capabilities): CommandHandler<'FETCH'> => ({
  name: 'FETCH',
  states: SELECTED,
  updates: (command) => (command.uid ? 'all' : 'noExpunge'),
  async run(command, context) {
    const { session, output } = context;
    const selected = SelectedMailbox.of(session);
    const limit = capabilities.messageLimit;
    const mistake = mistakeOf(command, selected) ?? tooLargePart(command, limit);
    if (mistake !== null) return mistake;
    if (command.items.some((item) => item.kind === 'MODSEQ')) await useCondstore(context);
    const plan = planFetch(command, session.uidOnly);
    if (namesNewUids(command, selected)) {
      await selected.refresh();
      await selected.report('noExpunge', output);
    }
    // Before any message: this moves no message number (RFC 7162, 3.2.6).
    if (command.vanished) await tellVanished(selected, knownOf(command, selected), context);
    const { messages, code } = allowed(named(command, selected), limit);
    if (plan.fields.size === 0) {
      await fetchFromView(selected, { items: plan.items, messages }, output);
      return partly(ok('FETCH completed'), code, output);
    }
    const { found, undecodable } = await fetchContent({ selected, services, context, plan }, messages);
    const completion = undecodable ? no(UNDECODABLE, 'UNKNOWN-CTE') : completed(command, messages.uids.length - found);
    return partly(completion, code, output);
  },
});

function mistakeOf(command: CommandOf<'FETCH'>, { cursor, qresync }: SelectedMailbox): Completion | null {
  if (namesUnknown(command, cursor)) return bad('No such message number');
  return command.vanished && !qresync ? bad('QRESYNC was not enabled', 'CLIENTBUG') : null;
}

/** RFC 9738, 3.1: who asks for a part asks for one that is small enough. */
function tooLargePart({ partial }: CommandOf<'FETCH'>, limit: number): Completion | null {
  const asked = partial === null ? 0 : Math.abs(partial.to - partial.from) + 1;
  return asked > limit ? tooManyMessages(`MESSAGELIMIT ${limit}`) : null;
}

const UNDECODABLE = 'A part is in a transfer encoding that is not known here';

/** RFC 2180, 4.1.2: messages that others expunged and whose content is gone as well. A UID may be gone (RFC 3501, 6.4.8). */
function completed({ uid }: CommandOf<'FETCH'>, gone: number): Completion {
  if (gone === 0) return ok('FETCH completed');
  if (uid) return ok('What still exists was fetched', 'EXPUNGEISSUED');
  return no('Some of the messages do not exist any more', 'EXPUNGEISSUED');
}

const knownOf = ({ changedSince, set }: CommandOf<'FETCH'>, { saved }: SelectedMailbox): Known => ({
  modSeq: (changedSince ?? 0) as ModSeq,
  uids: set === SAVED ? SequenceSet.ofBounds(saved.bounds) : set,
  match: null,
});

/** The messages that a FETCH names, or the part of them that PARTIAL asks for; with CHANGEDSINCE those that changed. */
function named(command: CommandOf<'FETCH'>, selected: SelectedMailbox): MessageSelection {
  const { cursor } = selected;
  const all = part(messagesOf(command, selected), command.partial);
  if (command.changedSince === null) return all;
  const { state } = cursor.view;
  const since = command.vanished
    ? missedSince(state, knownOf(command, selected))
    : changesSince(state, command.changedSince as ModSeq);
  return changedMessages(cursor, all, since);
}

/** RFC 9394, 3.3. */
function part({ uids, sequences }: MessageSelection, range: ResultRange | null): MessageSelection {
  if (range === null) return { uids, sequences };
  const [start, end] = sliceOf(range, uids.length);
  return { uids: uids.subarray(start, end), sequences: sequences.subarray(start, end) };
}
