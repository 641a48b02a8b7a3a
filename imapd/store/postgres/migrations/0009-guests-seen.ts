/**
 * \Seen of readers who have it of their own in mailboxes that are not theirs. A row for each message that the reader has marked, so that
 * its mod-sequence is known; without one it is unseen. What expunged messages leave behind goes with their tombstones.
 */
export const guestsSeen = `
CREATE TABLE mail.seen (
  mailbox uuid NOT NULL,
  uid bigint NOT NULL,
  reader text NOT NULL,
  -- Of the reader's last change.
  modseq bigint NOT NULL,
  -- False: it was taken away again.
  seen boolean NOT NULL,
  PRIMARY KEY (mailbox, uid, reader)
);
-- The view of a reader, what is new in it, and all of a reader who is removed.
CREATE INDEX seen_by_reader ON mail.seen (reader, mailbox, modseq) INCLUDE (uid, seen);
`;
