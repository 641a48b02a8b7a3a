import type { Attempt } from '../routing/repository-access.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from './types.ts';

/** Of a mailbox, what somebody is told who has not selected it (NOTIFY, RFC 5465). */
export type WatchedMailboxState = {
  readonly id: MailboxId;
  readonly owner: string;
  readonly name: string;
  readonly uidValidity: UidValidity;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  readonly messages: number;
  readonly unseen: number;
  readonly specialUse: readonly string[];
  /** What it adds to the sum of its bucket in a digest. */
  readonly hash: string;
};

/** When an annotation was written: `at` is another one each time. `entry` begins with /private or /shared. */
export type WatchedAnnotation = { readonly mailbox: MailboxId; readonly entry: string; readonly at: string };

/** Groups of a user's mailboxes that are compared together: a change costs the look at one group, however many there are. */
export const WATCH_BUCKETS = 64;

/** Which bucket a mailbox is in: by the last octet of its identifier, which is random. SQL does the same. */
export const watchBucketOf = (mailbox: MailboxId): number => Number.parseInt(mailbox.slice(-2), 16) % WATCH_BUCKETS;

/** What one user has, as sums that differ where anything differs that may be told. */
export type WatchDigest = {
  /** Of each bucket that holds a mailbox. */
  readonly mailboxes: ReadonlyMap<number, string>;
  readonly subscriptions: string;
  /** Empty where it was not asked for. */
  readonly annotations: string;
};

/** What changes in the mailboxes of users who have not selected them. Reads of the primary. */
export interface WatchStore {
  /** One statement, however many users; `annotated` are those of them whose annotations are watched, too. */
  watchDigests(
    request: { readonly owners: readonly string[]; readonly annotated: readonly string[] },
    attempt: Attempt,
  ): Promise<ReadonlyMap<string, WatchDigest>>;
  /** Mailboxes of a user, of these buckets. */
  watchedMailboxes(
    request: { readonly owner: string; readonly buckets: readonly number[] },
    attempt: Attempt,
  ): Promise<readonly WatchedMailboxState[]>;
  /** These of the mailboxes of a user, by their index; those that are gone are left out. */
  watchedMailboxesById(
    request: { readonly owner: string; readonly mailboxes: readonly MailboxId[] },
    attempt: Attempt,
  ): Promise<readonly WatchedMailboxState[]>;
  watchedSubscriptions(owner: string, attempt: Attempt): Promise<readonly string[]>;
  /** Of the mailboxes of a user and of the server: shared ones, and private ones of this user. */
  watchedAnnotations(owner: string, attempt: Attempt): Promise<readonly WatchedAnnotation[]>;
}
