import type { Quota } from './quota.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from './types.ts';

/**
 * The mailbox row as a client may see it. After an unplanned promotion `uidNext` and `highestModSeq` carry the jump
 * already (virtually, until the first write makes it real), so STATUS and SELECT never go back.
 */
export type MailboxState = {
  readonly id: MailboxId;
  /** Canonical user name. */
  readonly owner: string;
  /** Full name in UTF-8, levels separated by '/'; INBOX is spelt so. */
  readonly name: string;
  readonly uidValidity: UidValidity;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  /** Sum of RFC822.SIZE, in octets. */
  readonly size: number;
  /** Names of the keyword bits, in bit order. */
  readonly keywords: readonly string[];
  /** Messages with a UID ≥ this are \Recent to the next session that selects the mailbox (RFC 3501 2.3.2). */
  readonly recentFrom: Uid;
  /** How many those are: STATUS RECENT. */
  readonly recent: number;
  readonly forks: readonly Fork[];
};

/** With what its owner may have, and uses. */
export type FoundMailbox = MailboxState & { readonly quota: Quota };

/**
 * Where identifiers jumped. A client's mod-sequence m with modSeq < m ≤ modSeq + gap was handed out by a primary whose
 * last writes are lost: to such a client every flag is news (`changesSince`).
 */
export type Fork = { readonly modSeq: ModSeq; readonly gap: number };

/** The mod-sequence from which a client that knows `known` must be told of changes: 0 where it saw a lost tail. */
export function changesSince(state: MailboxState, known: ModSeq): ModSeq {
  const lost = state.forks.some((fork) => fork.modSeq < known && known <= fork.modSeq + fork.gap);
  return lost ? (0 as ModSeq) : known;
}

/** One line of LIST: an existing mailbox, or a subscription whose mailbox is gone. */
export type MailboxListing = {
  readonly name: string;
  readonly subscribed: boolean;
  /** null: only the subscription exists, or only children do (`\Noselect`). */
  readonly state: MailboxState | null;
  /** RFC 6154 attributes, e.g. `\Sent`. */
  readonly specialUse: readonly string[];
};
