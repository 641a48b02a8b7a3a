/** What the cluster says of mailboxes that people share (`sharing` of the configuration). */
export type SharingPolicy = {
  /** The level under which everybody finds the mailboxes of others: `Other Users/NAME/MAILBOX`. */
  readonly otherUsers: string;
  /** Entries of the ACL of one mailbox. */
  readonly maxEntries: number;
  /** Who may grant rights to everybody: whoever administers a mailbox, or only administrators. */
  readonly anyone: 'allow' | 'deny';
  /** Whether rights may be granted to users whom nobody knows. */
  readonly unknownUsers: 'accept' | 'refuse';
  /** Milliseconds for which the groups of a user are believed; 0: they are asked for each time. */
  readonly groupsFreshMs: number;
  /** Mailboxes of others that LIST takes from one partition. */
  readonly maxListed: number;
  /** Whose \Seen is in a mailbox of others, or of nobody: the mailbox's, or of each user who is not its owner his own. */
  readonly seen: 'shared' | 'perUser';
};

export const DEFAULT_SHARING_POLICY: SharingPolicy = {
  otherUsers: 'Other Users',
  maxEntries: 100,
  anyone: 'deny',
  unknownUsers: 'refuse',
  groupsFreshMs: 60_000,
  maxListed: 10_000,
  seen: 'shared',
};
