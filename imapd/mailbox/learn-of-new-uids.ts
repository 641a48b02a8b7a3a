import type { CommandContext } from '../commands/command-handler.ts';
import { type MessageSet, SAVED } from '../protocol/sets/message-set.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';

type Named = { readonly uid: boolean; readonly set: MessageSet };

/** Does a command name UIDs that the view knows nothing of, neither as messages nor as gaps? */
export const namesNewUids = (named: Named, { cursor }: SelectedMailbox): boolean =>
  named.uid && named.set !== SAVED && named.set.exceeds(cursor.view.state.uidNext - 1);

/**
 * A client may know a UID before its session was told of the message: from APPENDUID or COPYUID, of this connection or of
 * another. UIDs without a message are passed over (RFC 3501, 6.4.8), so that a command which changes messages must ask the
 * database before it may call a UID empty; otherwise its OK would be for nothing done.
 * @throws RepositoryUnavailable where there is no writer to ask
 */
export async function learnOfNewUids(
  named: Named,
  selected: SelectedMailbox,
  { output, attempt }: Pick<CommandContext, 'output' | 'attempt'>,
): Promise<void> {
  if (!namesNewUids(named, selected)) return;
  await selected.catchUp(attempt);
  await selected.report('noExpunge', output);
}
