import type { MailboxId } from '../store/types.ts';
import type { Output } from './output.ts';

/**
 * Which changes of the selected mailbox may be told now. A message number must not move while a client may be using
 * it, so `EXPUNGE` waits during FETCH, STORE and SEARCH (RFC 3501, 5.2 and 7.4.1); their UID forms may tell all.
 */
export type Updates = 'all' | 'noExpunge' | 'none';

/** The selected mailbox as the session sees it; implemented in imapd/mailbox. */
export interface Selection {
  readonly mailbox: MailboxId;
  readonly name: string;
  readonly readOnly: boolean;
  /** false: the right to read it was taken away, and nothing of it is told. */
  readonly readable: boolean;
  /** Asks what the session may do here by now, where the mailbox is somebody else's. */
  checkRights(): Promise<void>;
  /** Asks the database what is new (NOOP); at once where there is no writer. What it finds is told by `report`. */
  refresh(): Promise<void>;
  /**
   * Writes the untagged responses of what others, and this session itself, changed. Called after every command, just
   * before its tagged response.
   */
  report(updates: Exclude<Updates, 'none'>, output: Output): Promise<void>;
  /** The session has left the mailbox, or is gone. Called once. */
  release(): void;
}
