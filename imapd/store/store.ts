import type { Attempt } from '../routing/repository-access.ts';
import type { AccountStore } from './account-store.ts';
import type {
  Accessible,
  AclEntries,
  ChangeAcl,
  ChangeAclOutcome,
  FindGranted,
  FoundGranted,
  GrantedPage,
  ListGranted,
} from './acl.ts';
import type { AnnotationPage, ReadAnnotations, WriteAnnotations, WriteAnnotationsOutcome } from './annotations.ts';
import type { ContentStore, StagedMessage } from './content-store.ts';
import type { FoundMailbox, MailboxListing, MailboxState } from './mailbox-state.ts';
import type { Quota } from './quota.ts';
import type { ReadBy } from './readers/marks.ts';
import type { Signatures } from './signatures/signatures.ts';
import type {
  FlagChange,
  InitialFlags,
  MailboxId,
  MessageRows,
  ModSeq,
  OperationId,
  Uid,
  UidValidity,
} from './types.ts';
import type { WatchStore } from './watched.ts';

/**
 * The mail of one partition. One implementation an engine; everything above this interface knows no SQL.
 *
 * Mutable data (everything in this file) comes from the primary. Every mutation carries an `operation`: the same id
 * twice does the work once and gives the stored answer, whichever member is the primary by then. Mutations wait at the
 * hold gate while there is no writer; reads too. All reject with `RepositoryUnavailable` when the hold ends in vain.
 * Expected outcomes are values with a `kind`.
 */
export interface Store extends AccountStore, ContentStore, WatchStore {
  /** Of what may be in texts, for SEARCH; null where nothing is kept of that. */
  signatures(): Signatures | null;

  /** Every mailbox and subscription of a user, by name. */
  listMailboxes(owner: string, attempt: Attempt): Promise<readonly MailboxListing[]>;
  findMailbox(owner: string, name: string, attempt: Attempt): Promise<FoundMailbox | null>;
  /** What a user may have, and uses: counted in advance. null: there is no such user. */
  findQuota(owner: string, attempt: Attempt): Promise<Quota | null>;
  /** Sum of the octets of messages that carry \Deleted (STATUS DELETED-STORAGE): these are looked at one by one. */
  deletedOctets(mailboxes: readonly MailboxId[], attempt: Attempt): Promise<ReadonlyMap<MailboxId, number>>;
  /** `name` has its missing parents made too (RFC 3501 6.3.3). A special use is given once to one owner (RFC 6154 3). */
  createMailbox(request: CreateMailbox, attempt: Attempt): Promise<CreateOutcome>;
  /** Removes the mailbox; with children its name stays as `\Noselect` (RFC 3501 6.3.4). INBOX cannot be removed. */
  deleteMailbox(request: Named & Only, attempt: Attempt): Promise<DeleteOutcome>;
  /** With children; from INBOX moves the messages and leaves INBOX empty (RFC 3501 6.3.5). */
  renameMailbox(request: Named & Only & { readonly to: string }, attempt: Attempt): Promise<RenameOutcome>;
  /** A subscription may name a mailbox that does not exist (RFC 3501 6.3.6). */
  subscribe(request: Named & { readonly subscribed: boolean }, attempt: Attempt): Promise<void>;

  /** Annotations that a user may see: shared ones, and private ones of this user (RFC 5464). */
  readAnnotations(request: ReadAnnotations, attempt: Attempt): Promise<AnnotationPage>;
  writeAnnotations(request: WriteAnnotations, attempt: Attempt): Promise<WriteAnnotationsOutcome>;

  /** A mailbox by its owner and name, with what its ACL says of identifiers: nobody else is asked whether it may be seen. */
  findGranted(request: FindGranted, attempt: Attempt): Promise<FoundGranted | null>;
  /** Mailboxes of others whose ACL grants `l` to one of the identifiers, as far as one entry alone can tell. */
  listGranted(request: ListGranted, attempt: Attempt): Promise<GrantedPage>;
  /** `listMailboxes` and `listGranted` in one. */
  listAccessible(request: ListGranted, attempt: Attempt): Promise<Accessible>;
  /** What the ACL of a mailbox says of identifiers; null once it is deleted. */
  readEntries(
    request: { readonly mailbox: MailboxId; readonly identifiers: readonly string[] },
    attempt: Attempt,
  ): Promise<AclEntries | null>;
  /** The whole ACL, in order of identifiers; the owner, who has every right, is not in it. */
  readAcl(mailbox: MailboxId, attempt: Attempt): Promise<AclEntries>;
  changeAcl(request: ChangeAcl, attempt: Attempt): Promise<ChangeAclOutcome>;

  /** The mailbox with all its messages, in one snapshot; null once it is deleted. */
  loadView(
    mailbox: MailboxId,
    attempt: Attempt,
  ): Promise<{ readonly state: MailboxState; readonly rows: MessageRows } | null>;
  /** What changed after `since`, in one snapshot: rows new or changed, and UIDs expunged. */
  loadChanges(mailbox: MailboxId, since: ModSeq, attempt: Attempt): Promise<MailboxChanges | null>;
  /** `loadView` as one reader sees it who has \Seen of his own, and has no other mailbox in mind: the counters are everybody's. */
  loadViewBy(by: ReadBy, attempt: Attempt): ReturnType<Store['loadView']>;
  /** `loadChanges` as the same reader sees it. */
  loadChangesBy(request: ReadBy & { readonly since: ModSeq }, attempt: Attempt): Promise<MailboxChanges | null>;
  /** Messages that a reader with \Seen of his own has not seen (STATUS UNSEEN): those that he has are counted one by one. */
  countUnseen(
    request: { readonly mailboxes: readonly MailboxId[]; readonly reader: string },
    attempt: Attempt,
  ): Promise<ReadonlyMap<MailboxId, number>>;
  /**
   * What was expunged after `since`, in one snapshot; null where nobody knows any more (`since` is 0, was handed out by a
   * lost primary, or is older than the tombstones), where it is more than can be held, and once the mailbox is deleted.
   */
  loadExpunges(mailbox: MailboxId, since: ModSeq, attempt: Attempt): Promise<Expunges | null>;
  /** How far many mailboxes are, in one statement: the poll of the watched ones. A deleted one is absent. */
  newestOf(mailboxes: readonly MailboxId[], attempt: Attempt): Promise<ReadonlyMap<MailboxId, Newest>>;
  /** Claims \Recent: gives the first recent UID and moves the mark to UIDNEXT. */
  claimRecent(mailbox: MailboxId, operation: OperationId, attempt: Attempt): Promise<Uid>;

  /** Makes a staged message (`stage`) part of a mailbox: gives it its UID. */
  append(request: AppendMessage, attempt: Attempt): Promise<AppendOutcome>;
  /** Undoes an `append` by its operation. One whose outcome nobody knows will not happen any more once this is done. */
  withdraw(request: Withdraw, attempt: Attempt): Promise<void>;
  storeFlags(request: StoreFlags, attempt: Attempt): Promise<StoreOutcome>;
  /** Removes messages; with `onlyDeleted` those that carry \Deleted at that moment (RFC 3501 6.4.3). */
  expunge(request: Expunge, attempt: Attempt): Promise<ExpungeOutcome>;
  /** Makes a staged message part of a mailbox and expunges another message, perhaps of another mailbox; both or neither (RFC 8508). */
  replace(request: ReplaceMessage, attempt: Attempt): Promise<ReplaceOutcome>;
  /** Both mailboxes in this partition; order of UIDs kept; all or nothing (RFC 3501 6.4.7, RFC 6851). */
  copy(request: CopyMessages, attempt: Attempt): Promise<CopyOutcome>;
}

export type Named = { readonly operation: OperationId; readonly owner: string; readonly name: string };
/** The mailbox that rights were asked for: another one that has got its name meanwhile is not meant. Absent: whichever has it. */
export type Only = { readonly only?: MailboxId };
export type CreateMailbox = Named & {
  readonly specialUse: readonly string[];
  /** In a shared namespace: the owner that stands for it gets a record, without limits, if it has none. */
  readonly ofNobody?: boolean;
};
export type CreateOutcome =
  | { readonly kind: 'created'; readonly id: MailboxId }
  | { readonly kind: 'exists' }
  /** Another mailbox of the owner has this special use. */
  | { readonly kind: 'useTaken'; readonly use: string }
  /** The owner may have no more mailboxes. */
  | { readonly kind: 'overQuota' };
export type DeleteOutcome =
  | { readonly kind: 'deleted'; readonly mailbox: MailboxId }
  | { readonly kind: 'missing' }
  | { readonly kind: 'hasChildren' }
  | { readonly kind: 'inbox' };
export type RenameOutcome =
  /** `mailboxes`: those that have another name, or of INBOX the one that lost its messages. */
  | { readonly kind: 'renamed'; readonly mailboxes: readonly MailboxId[] }
  | { readonly kind: 'missing' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'overQuota' };

/** Where one of these differs from what is known, the mailbox is to be looked at. */
export type Newest = Pick<MailboxState, 'name' | 'highestModSeq'>;

export type MailboxChanges = {
  readonly state: MailboxState;
  /** New and changed messages; all messages where `whole`. */
  readonly rows: MessageRows;
  /** What was expunged after `since`; empty where `whole`. */
  readonly expunged: readonly Uid[];
  /**
   * True where a delta cannot be told (`since` is 0, was handed out by a lost primary, or is older than the tombstones):
   * whatever is not in `rows` is gone.
   */
  readonly whole: boolean;
};

/** `uids` ascend. */
export type Expunges = { readonly state: MailboxState; readonly uids: Uint32Array };

/** The mailbox to append to: by name as a client says it, or by id. */
export type AppendPlace = ({ readonly owner: string; readonly mailbox: string } | { readonly id: MailboxId }) &
  ByReader;
/** Who has \Seen of his own in the mailbox that is written to. Absent: \Seen is everybody's. */
export type ByReader = { readonly reader?: string };
export type AppendMessage = AppendPlace & {
  readonly operation: OperationId;
  /** In the order of their UIDs; more than one is MULTIAPPEND. */
  readonly messages: readonly NewMessage[];
};
/** `operation` and number of `messages` as they were given to `append`. */
export type Withdraw = { readonly operation: OperationId; readonly messages: number };
/** A message on its way into a mailbox. */
export type NewMessage = {
  readonly staged: StagedMessage;
  readonly flags: InitialFlags;
  readonly internalDate: Date;
};
export type AppendOutcome =
  | {
      readonly kind: 'appended';
      readonly mailbox: MailboxId;
      readonly uidValidity: UidValidity;
      readonly uids: readonly Uid[];
      readonly modSeq: ModSeq;
    }
  | { readonly kind: 'noMailbox' }
  | { readonly kind: 'tooManyKeywords' }
  | { readonly kind: 'overQuota' };

export type StoreFlags = ByReader & {
  readonly operation: OperationId;
  readonly mailbox: MailboxId;
  readonly uids: readonly Uid[];
  readonly change: FlagChange;
  /** RFC 7162 3.1.3: messages changed after this are left alone and told in `modified`. */
  readonly unchangedSince: ModSeq | null;
};
export type StoreOutcome =
  | {
      readonly kind: 'stored';
      readonly modSeq: ModSeq;
      /** Every message of the request that exists, as it is now. */
      readonly rows: MessageRows;
      readonly keywords: readonly string[];
      readonly modified: readonly Uid[];
    }
  | { readonly kind: 'gone' }
  | { readonly kind: 'tooManyKeywords' };

export type Expunge = {
  readonly operation: OperationId;
  readonly mailbox: MailboxId;
  readonly uids: readonly Uid[];
  readonly onlyDeleted: boolean;
};
export type ExpungeOutcome =
  | { readonly kind: 'expunged'; readonly uids: readonly Uid[]; readonly modSeq: ModSeq }
  | { readonly kind: 'gone' };

export type CopyMessages = Only & {
  readonly operation: OperationId;
  readonly from: MailboxId;
  readonly owner: string;
  readonly to: string;
  readonly uids: readonly Uid[];
  /** MOVE: expunge the originals in the same transaction. */
  readonly move: boolean;
  /** Who has \Seen of his own in one of the mailboxes, or in both; null: in this one it is everybody's. Absent: in both. */
  readonly readers?: { readonly from: string | null; readonly to: string | null };
  /** Flags that the copies keep, as bits, and whether they keep keywords. Absent: all. */
  readonly keep?: { readonly system: number; readonly keywords: boolean };
};
export type CopyOutcome =
  | {
      readonly kind: 'copied';
      readonly mailbox: MailboxId;
      readonly uidValidity: UidValidity;
      /** Pairwise: source[i] became target[i]. Messages that were gone are in neither. */
      readonly source: readonly Uid[];
      readonly target: readonly Uid[];
      /** MOVE: mod-sequence of the expunges in the source mailbox. */
      readonly modSeq: ModSeq;
    }
  | { readonly kind: 'noMailbox' }
  | { readonly kind: 'tooManyKeywords' }
  | { readonly kind: 'overQuota' };

export type ReplaceMessage = Only &
  ByReader & {
    readonly operation: OperationId;
    /** Where the replaced message is. */
    readonly from: MailboxId;
    readonly uid: Uid;
    readonly owner: string;
    readonly mailbox: string;
    readonly message: NewMessage;
  };
export type ReplaceOutcome =
  | {
      readonly kind: 'replaced';
      readonly mailbox: MailboxId;
      readonly uidValidity: UidValidity;
      readonly uid: Uid;
      /** Of the expunge, in `from`. */
      readonly modSeq: ModSeq;
    }
  | { readonly kind: 'noMailbox' }
  | { readonly kind: 'tooManyKeywords' }
  | { readonly kind: 'overQuota' }
  /** There is no such message to be replaced. */
  | { readonly kind: 'gone' };
