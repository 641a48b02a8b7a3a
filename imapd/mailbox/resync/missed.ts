import type { CommandContext } from '../../commands/command-handler.ts';
import { writeResponses } from '../../commands/selected/write-responses.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import type { Uid } from '../../store/types.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { withoutHold } from '../without-hold.ts';
import { changedMessages } from './changed-messages.ts';
import { type Known, missedSince } from './known.ts';
import { vanishedLines } from './vanished-lines.ts';
import { vanishedUids } from './vanished-uids.ts';

type Listener = Pick<CommandContext, 'session' | 'output'>;

/** Writes what a client has missed of the mailbox that it has just selected: VANISHED (EARLIER), then flags. */
export async function tellMissed(selected: SelectedMailbox, known: Known, listener: Listener): Promise<void> {
  await tellVanished(selected, known, listener);
  const { cursor } = selected;
  const { uids } = changedMessages(cursor, cursor.select(known.uids, 'uid'), missedSince(cursor.view.state, known));
  await writeResponses(listener, uids, (writer, uid) => {
    selected.writeNewKeywords(writer);
    selected.writeFlagChange(writer, uid as Uid);
  });
}

/** Writes VANISHED (EARLIER) of what was expunged since, for who asks by QRESYNC or by UID FETCH (VANISHED). */
export async function tellVanished(selected: SelectedMailbox, known: Known, listener: Listener): Promise<void> {
  const vanished = await vanishedSince(selected, known);
  await writeResponses(listener, vanishedLines(vanished, true), (writer, line) => writer.raw(line));
}

/** Waits for no writer: without one the complement of what exists has to do. */
async function vanishedSince(selected: SelectedMailbox, known: Known): Promise<IdSet> {
  const { cursor, mailbox, store } = selected;
  const { view } = cursor;
  const since = missedSince(view.state, known);
  // The usual case: nothing has happened, and nothing is in the view that its mod-sequence does not tell of.
  if (since === view.modSeq && view.tombstones.length === 0) return IdSet.EMPTY;
  const loaded = since === 0 ? null : await withoutHold((attempt) => store.loadExpunges(mailbox, since, attempt));
  return vanishedUids(cursor, known, loaded === 'unavailable' ? null : loaded);
}
