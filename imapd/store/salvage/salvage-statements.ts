import type { LockedMailbox } from '../mailboxes/locked-mailbox.ts';
import type { KeywordBits } from '../messages/keywords.ts';
import type { MailboxId, Uid } from '../types.ts';
import type { Knowledge } from './decide-messages.ts';

/**
 * What salvage needs of an engine, by what it brings. `C` is its connection: `source` is one to the old primary, which is only read; `c` and
 * `tx` are to the one in force, `tx` in a transaction.
 */
export type SalvageStatements<C> = {
  readonly operations: OperationStatements<C>;
  readonly names: NameStatements<C>;
  readonly mailboxes: MailboxStatements<C>;
  readonly messages: MessageStatements<C>;
  readonly contents: ContentStatements<C>;
  readonly flags: FlagStatements<C>;
  readonly annotations: AnnotationStatements<C>;
};

/** `exact`: the time as its server writes it, which is finer than a Date. */
export type DatedOperation = { readonly id: string; readonly at: Date; readonly exact: string };

/** Operations tell what was done, and when. */
export type OperationStatements<C> = {
  /** First unplanned epoch above this one; null: there is none. */
  forkAfter(c: C, epoch: number): Promise<number | null>;
  /** The time so many seconds ago, by the server's clock. */
  ago(c: C, seconds: number): Promise<Date>;
  /** Those of the ids that it has. */
  known(c: C, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Newest first: those done before this one (null: all), and not before `since`. */
  page(
    source: C,
    range: { readonly before: DatedOperation | null; readonly since: Date; readonly most: number },
  ): Promise<readonly DatedOperation[]>;
  /** Time of the newest (null: there is none), and whether another is older than `time`. */
  span(source: C, time: Date): Promise<{ readonly newest: Date | null; readonly beyond: boolean }>;
};

export type TailAccount = {
  readonly name: string;
  readonly passwordHash: string;
  readonly createdAt: Date;
  readonly scramKeys: string | null;
  readonly scramOf: string | null;
  /** Limits as texts, in the order STORAGE, MESSAGE, MAILBOX; null: the cluster's. */
  readonly limits: readonly [string | null, string | null, string | null];
  readonly admin: boolean;
  readonly groups: readonly string[];
};

export type TailSubscription = { readonly owner: string; readonly name: string };

/** `until` null: to this day. */
export type Made = { readonly since: Date; readonly until: Date | null };

export type NameStatements<C> = {
  /** In the order of their names. */
  tailAccounts(source: C, since: Date): Promise<readonly TailAccount[]>;
  /** Makes those that there are not yet. Gives how many. */
  insertAccounts(tx: C, accounts: readonly TailAccount[]): Promise<number>;
  tailSubscriptions(source: C, since: Date): Promise<readonly TailSubscription[]>;
  insertSubscriptions(tx: C, subscriptions: readonly TailSubscription[]): Promise<number>;
  accountsMade(source: C, range: Made): Promise<readonly string[]>;
  mailboxesMade(
    source: C,
    range: Made,
  ): Promise<readonly { readonly id: string; readonly owner: string; readonly name: string }[]>;
  /** Those of the names that there are. */
  existingAccounts(c: C, names: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those of the ids that there are, or that are known to be removed. */
  knownMailboxes(c: C, ids: readonly string[]): Promise<ReadonlySet<string>>;
};

export type SourceMailbox = {
  readonly id: MailboxId;
  readonly owner: string;
  readonly name: string;
  readonly modseq: number;
  readonly keywords: readonly string[];
  readonly specialUse: readonly string[];
  readonly createdAt: Date;
  /** What the target knows of it; null: nothing. */
  readonly here: KnownMailbox | null;
};

export type KnownMailbox = {
  readonly exists: boolean;
  /** The row as it was where the two parted. */
  readonly forkUidNext: number;
  readonly forkModSeq: number;
};

export type MailboxStatements<C> = {
  /** In the order of their ids, those behind `after`. */
  page(
    source: C,
    range: { readonly after: string; readonly most: number },
  ): Promise<readonly Omit<SourceMailbox, 'here'>[]>;
  /** By id. A mailbox that has been written since the fork has it on record; one that has not forks at its row. */
  known(c: C, ids: readonly string[], forkEpoch: number): Promise<ReadonlyMap<string, KnownMailbox>>;
  lockOwner(tx: C, owner: string): Promise<void>;
  named(tx: C, owner: string, name: string): Promise<MailboxId | null>;
  /** Makes those that there are not, for the owner alone. By name. */
  insertUnshared(
    tx: C,
    owner: string,
    mailboxes: readonly { readonly name: string; readonly specialUse: readonly string[] }[],
  ): Promise<ReadonlyMap<string, MailboxId>>;
  lockMailbox(tx: C, id: string): Promise<readonly LockedMailbox[]>;
  saveKeywords(tx: C, mailbox: string, bits: KeywordBits): Promise<void>;
};

export type TailRow = {
  readonly uid: number;
  readonly content: string;
  readonly operation: string;
  readonly flags: number;
  /** Bits of the old primary's keywords, as text: 62 of them. */
  readonly keywords: string;
  readonly size: number;
  readonly internalDate: Date;
  /** SHA-256 of the message, hexadecimal. */
  readonly hash: string;
};

/** Of a mailbox of the old primary. */
export type OfMember = { readonly member: string; readonly mailbox: string };

export type Brought = OfMember & {
  readonly into: LockedMailbox;
  readonly messages: readonly TailRow[];
  /** Keywords of each in the mailbox that it comes into. */
  readonly masks: readonly string[];
};

export type Known = { readonly oldUid: number; readonly newUid: number | null };

export type MessageStatements<C> = {
  /** In the order of their UIDs, from this one on. */
  page(
    source: C,
    range: { readonly mailbox: string; readonly from: number; readonly most: number },
  ): Promise<readonly TailRow[]>;
  /** What there is to decide by about these; `from`: the UID with which began what came here after the fork. */
  knowledge(
    c: C,
    about: OfMember & { readonly from: number; readonly messages: readonly TailRow[] },
  ): Promise<Knowledge>;
  /** Until COMMIT no content is collected. */
  lockCollector(tx: C): Promise<void>;
  /** Gives the messages UIDs of their own, and records what they were. Gives how many contents are missing. */
  bring(tx: C, brought: Brought): Promise<number>;
  /** Records that these need not be brought. */
  note(tx: C, noted: OfMember & { readonly into: string; readonly known: readonly Known[] }): Promise<void>;
};

/** Columns of a row, as the engine reads them and writes them again. */
type Columns = readonly unknown[];
export type SourceContent = { readonly id: string; readonly chunks: number; readonly columns: Columns };
export type SourceChunk = { readonly content: string; readonly number: number; readonly columns: Columns };

export type ContentStatements<C> = {
  /** Those of the ids that it has no row of, which comes last: where it is, all chunks are. */
  missing(c: C, ids: readonly string[]): Promise<readonly string[]>;
  content(source: C, id: string): Promise<SourceContent | null>;
  chunk(source: C, content: string, number: number): Promise<SourceChunk | null>;
  /** Neither writes anything where it is there. A chunk is an upload under way, by which the collector finds it. */
  insertContent(tx: C, content: SourceContent): Promise<void>;
  insertChunk(tx: C, chunk: SourceChunk): Promise<void>;
};

export type FlagRow = { readonly uid: Uid; readonly flags: number; readonly keywords: string };

export type FlagStatements<C> = {
  /** In the order of their UIDs, those behind `after` and below the fork that were changed above it. */
  page(
    source: C,
    range: { readonly mailbox: string; readonly after: number; readonly fork: KnownMailbox; readonly most: number },
  ): Promise<readonly FlagRow[]>;
  /** Into a mailbox that is locked, where nobody has touched them since the fork. */
  merge(
    tx: C,
    flags: {
      readonly mailbox: string;
      readonly rows: readonly FlagRow[];
      /** Keywords of each as this mailbox has them. */
      readonly masks: readonly string[];
      readonly forkModSeq: number;
    },
  ): Promise<{ readonly changed: number; readonly skipped: number }>;
};

export type TailAnnotation = {
  readonly mailbox: string;
  readonly reader: string;
  readonly entry: string;
  readonly value: Buffer;
  /** null: of the server, or of a mailbox that is gone. */
  readonly owner: string | null;
  readonly name: string | null;
};

/** How a mailbox is found here: `id` the very one; `name` one that is unknown here by its id. */
export type Found = 'id' | 'name';

export type AnnotationStatements<C> = {
  /** Whether the old primary's schema has them. */
  exist(source: C): Promise<boolean>;
  /** In the order of mailbox, reader and entry, those behind `after`, which were written since. */
  page(
    source: C,
    range: { readonly since: Date; readonly after: readonly [string, string, string]; readonly most: number },
  ): Promise<readonly TailAnnotation[]>;
  /** Those of what is here and of readers who are known here, unless they have been written since `began`. */
  insert(
    tx: C,
    annotations: readonly TailAnnotation[],
    by: { readonly found: Found; readonly began: Date },
  ): Promise<void>;
};
