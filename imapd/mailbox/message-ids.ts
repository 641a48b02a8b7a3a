import { type MessageSet, SAVED } from '../protocol/sets/message-set.ts';
import type { Uid } from '../store/types.ts';
import type { MailboxCursor, MessageSelection } from './mailbox-cursor.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';

type Named = { readonly uid: boolean; readonly set: MessageSet };

/** Does a command name message numbers that the session does not have? RFC 3501, 9 (seq-number): that is an error. UIDs may be any. */
export const namesUnknown = (named: Named, cursor: MailboxCursor): boolean =>
  !named.uid && named.set !== SAVED && named.set.exceeds(cursor.count);

/** The messages that a command or its UID form names. */
export function messagesOf({ set, uid }: Named, { cursor, saved }: SelectedMailbox): MessageSelection {
  return set === SAVED ? cursor.selectIds(saved, 'uid') : cursor.select(set, uid ? 'uid' : 'sequence');
}

/** The part of a request for content that tells when the youngest of its messages was learnt of. */
export function learntAt(uids: Uint32Array, cursor: MailboxCursor): { readonly learntAt?: number } {
  const at = cursor.view.learntAt(uids.at(-1) ?? 0);
  return at === undefined ? {} : { learntAt: at };
}

export const uidList = (uids: Uint32Array): readonly Uid[] => Array.from(uids) as Uid[];
