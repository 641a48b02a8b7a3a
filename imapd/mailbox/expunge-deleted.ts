import type { CommandContext } from '../commands/command-handler.ts';
import { systemFlags, type Uid } from '../store/types.ts';
import type { MessageSelection } from './mailbox-cursor.ts';
import type { MailboxServices } from './mailbox-services.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';

/** Those that carry \Deleted as far as the view knows. */
export function deletedOf({ cursor }: SelectedMailbox, { uids, sequences }: MessageSelection): MessageSelection {
  const { table } = cursor.view;
  const marked = uids.map((uid) => table.flagsAt(table.indexOf(uid)) & systemFlags['\\Deleted']);
  const isMarked = (_: number, at: number): boolean => marked[at] !== 0;
  return { uids: uids.filter(isMarked), sequences: sequences.filter(isMarked) };
}

/**
 * Removes the messages of `uids` that carry \Deleted; the view has them as expunged then. The view says which may, the
 * database which do at that moment. `gone`: the mailbox was deleted.
 */
export async function expungeDeleted(
  selected: SelectedMailbox,
  uids: Uint32Array,
  run: { readonly services: MailboxServices; readonly context: CommandContext },
): Promise<'expunged' | 'gone'> {
  const { cursor, mailbox, store } = selected;
  const { table } = cursor.view;
  const marked = uids.filter((uid) => (table.flagsAt(table.indexOf(uid)) & systemFlags['\\Deleted']) !== 0);
  if (marked.length === 0) return 'expunged';
  const { context, services } = run;
  const outcome = await store.expunge(
    { operation: context.newOperation(), mailbox, uids: Array.from(marked) as Uid[], onlyDeleted: true },
    context.attempt,
  );
  if (outcome.kind === 'expunged') {
    cursor.view.applyExpunged(outcome.uids, outcome.modSeq);
    await services.views.announce(mailbox, outcome.modSeq);
  } else await selected.refresh();
  return outcome.kind;
}
