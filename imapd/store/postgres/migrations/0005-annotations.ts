/**
 * Annotations of mailboxes and of users (METADATA, RFC 5464). They belong to a mailbox by its id, so RENAME needs nothing; what
 * a mailbox leaves behind the collector takes with the rest of it.
 */
export const annotations = `
CREATE TABLE mail.annotation (
  -- All zeros: of the server, as one user sees it.
  mailbox uuid NOT NULL,
  -- Whose /private entry it is; empty: /shared.
  reader text NOT NULL,
  -- Below /private or /shared, in small letters.
  entry text NOT NULL,
  value bytea NOT NULL,
  modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (mailbox, reader, entry)
);
-- Who is removed takes private entries along; salvage asks for what is young.
CREATE INDEX annotation_by_reader ON mail.annotation (reader) WHERE reader <> '';
CREATE INDEX annotation_by_age ON mail.annotation (modified_at);
`;
