import type { LockedMailbox } from '../mailboxes/locked-mailbox.ts';
import type { Appending } from '../messages/append.ts';
import type { CopyTools } from '../messages/copy.ts';
import type { ReplaceTools } from '../messages/replace.ts';
import type { FlagsChanged, FlagsRefused } from '../messages/store-flags.ts';
import type { StoredAppend } from '../messages/stored-append.ts';
import type { AppendPlace, StoreFlags } from '../store.ts';
import type { MailboxId, MessageRows, ModSeq, Uid } from '../types.ts';
import type { Marks, ReadBy } from './marks.ts';

type Named = { readonly mailbox: MailboxId; readonly uids: readonly Uid[] };

/** What an engine brings for readers who have \Seen of their own. Nothing of it is asked where nobody has. */
export type ReaderTools<C> = {
  /** Those that were made, or changed, after `since`. */
  marksSince(c: C, request: ReadBy & { readonly since: number }): Promise<Marks>;
  /** Of few messages: see `marksAmong`. */
  marksOf(c: C, request: ReadBy & { readonly uids: readonly Uid[] }): Promise<Marks>;
  /** Of messages of a mailbox that is locked. */
  mark(tx: C, request: ReadBy & NewMarks): Promise<void>;
  /** Of a mailbox that is locked: its next mod-sequence. */
  nextModSeq(tx: C, mailbox: MailboxId): Promise<ModSeq>;
  /** Messages that the reader has not seen; what is deleted is absent. */
  countUnseen(
    c: C,
    request: { readonly mailboxes: readonly MailboxId[]; readonly reader: string },
  ): Promise<ReadonlyMap<MailboxId, number>>;
  /** Those that exist, with the flags of everybody. */
  readRows(c: C, request: Named): Promise<MessageRows>;

  lockMailbox(tx: C, id: string): Promise<readonly LockedMailbox[]>;
  changeFlags(tx: C, request: StoreFlags): Promise<FlagsChanged | FlagsRefused>;
  appendTo(tx: C, place: AppendPlace, appending: Appending): Promise<StoredAppend>;
  readonly copying: Omit<CopyTools<C>, 'access'>;
  readonly replacing: Omit<ReplaceTools<C>, 'access'>;
};

export type NewMarks = { readonly uids: readonly Uid[]; readonly seen: boolean; readonly modSeq: ModSeq };
