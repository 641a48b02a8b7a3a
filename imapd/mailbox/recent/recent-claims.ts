import type { MailboxView } from '../mailbox-view.ts';

/**
 * Which session is the first to be told of a message, and so alone sees it as `\Recent` (RFC 3501, 2.3.2), among those of
 * this process that have the mailbox selected. Sessions of other processes are kept apart by the mailbox row, which is
 * claimed when a session selects the mailbox and when it leaves: of a message that arrives while several processes have it
 * selected, one session in each may think it is the first. To write the claim of every arrival would cost a transaction for
 * each, and RFC 3501 prefers `\Recent` too often to never.
 */
export class RecentClaims {
  /** The last UID that a session was told of as recent, or that was old when its view was loaded. */
  readonly #claimedTo = new WeakMap<MailboxView, number>();

  /** The first UID from `first` on that no session here was told of yet. */
  firstUnclaimed(view: MailboxView, first: number): number {
    return Math.max(first, (this.#claimedTo.get(view) ?? 0) + 1);
  }

  /** A session is told of messages up to `last`, and they are its own. */
  claim(view: MailboxView, last: number): void {
    this.#claimedTo.set(view, Math.max(last, this.#claimedTo.get(view) ?? 0));
  }
}
