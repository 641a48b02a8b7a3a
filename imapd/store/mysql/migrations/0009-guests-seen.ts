import type { Statement } from '../connection.ts';
import { table } from './table.ts';

/**
 * \Seen of readers who have it of their own in mailboxes that are not theirs. A row for each message that the reader has marked, so that
 * its mod-sequence is known; without one it is unseen. What expunged messages leave behind goes with their tombstones.
 */
export const guestsSeen: readonly Statement[] = [
  table(
    'seen',
    `
    mailbox BINARY(16) NOT NULL,
    uid BIGINT NOT NULL,
    reader VARBINARY(1024) NOT NULL,
    -- Of the reader's last change.
    modseq BIGINT NOT NULL,
    -- False: it was taken away again.
    seen BOOLEAN NOT NULL,
    PRIMARY KEY (mailbox, uid, reader),
    -- The view of a reader, what is new in it, and all of a reader who is removed.
    KEY seen_by_reader (reader, mailbox, modseq, seen)`,
  ),
];
