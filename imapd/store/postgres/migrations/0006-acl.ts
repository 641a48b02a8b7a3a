/**
 * Access control lists of mailboxes (RFC 4314). They belong to a mailbox by its id, so RENAME needs nothing; what a mailbox leaves
 * behind the collector takes with the rest of it. The owner has every right without a row.
 */
export const acl = `
CREATE TABLE mail.acl (
  mailbox uuid NOT NULL,
  -- A user, or anyone; with a dash before it the rights are taken away.
  identifier text NOT NULL,
  -- Letters of RFC 4314, 2.1, never none.
  rights text NOT NULL CHECK (rights ~ '^[lrswipkxtea]+$'),
  modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (mailbox, identifier)
);
-- LIST asks what others have granted to one user.
CREATE INDEX acl_by_identifier ON mail.acl (identifier);
`;
