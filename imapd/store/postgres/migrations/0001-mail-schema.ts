/**
 * The mail schema. Order of columns: fixed width first, so that a message row has no padding.
 *
 * Identifiers are UUIDs everywhere: a sequence would be reused after the loss of a tail. No foreign keys: they would cost
 * a lock and a look-up a row, and the writers below this folder are few; `imapd/jobs/verify.ts` checks what they would.
 */
export const mailSchema = `
CREATE TABLE mail.account (
  name text PRIMARY KEY,
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Hands out UIDVALIDITY: never twice, never backwards (RFC 3501 2.3.1.1). It begins at the time of day, so that a
-- repository that was set up anew does not repeat the values of the one before it.
CREATE TABLE mail.uid_validity (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  epoch bigint NOT NULL,
  next bigint NOT NULL CHECK (next <= 4294967296)
);
INSERT INTO mail.uid_validity (epoch, next)
  SELECT coalesce(max(epoch), 0), extract(epoch FROM clock_timestamp())::bigint FROM imapcluster.repository_epoch;

CREATE TABLE mail.mailbox (
  id uuid PRIMARY KEY,
  -- Epoch of the last write: unplanned epochs above it are jumps not yet made (trigger enter_epoch).
  epoch bigint NOT NULL,
  uid_validity bigint NOT NULL,
  uid_next bigint NOT NULL DEFAULT 1 CHECK (uid_next <= 4294967296),
  modseq bigint NOT NULL DEFAULT 1,
  recent_from bigint NOT NULL DEFAULT 1,
  -- Tombstones are complete for what was expunged after this mod-sequence; older ones are collected.
  expunges_known_from bigint NOT NULL DEFAULT 0,
  messages bigint NOT NULL DEFAULT 0 CHECK (messages >= 0),
  unseen bigint NOT NULL DEFAULT 0 CHECK (unseen >= 0),
  deleted bigint NOT NULL DEFAULT 0 CHECK (deleted >= 0),
  size bigint NOT NULL DEFAULT 0 CHECK (size >= 0),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  owner text NOT NULL,
  name text NOT NULL,
  keywords text[] NOT NULL DEFAULT '{}',
  special_use text[] NOT NULL DEFAULT '{}',
  UNIQUE (owner, name)
) WITH (fillfactor = 50);

-- Mailboxes that were deleted. Their messages stay until the collector takes them: DELETE costs the same whatever the
-- size, and a session that still has the mailbox selected can read on.
CREATE TABLE mail.removed_mailbox (
  id uuid PRIMARY KEY,
  -- As the row was: salvage finds the fork of a mailbox by them even when it is gone.
  epoch bigint NOT NULL,
  uid_next bigint NOT NULL,
  modseq bigint NOT NULL,
  removed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE mail.subscription (
  owner text NOT NULL,
  name text NOT NULL,
  subscribed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (owner, name)
);

CREATE TABLE mail.message (
  mailbox uuid NOT NULL,
  content uuid NOT NULL,
  -- What made this row (APPEND, COPY, salvage): salvage tells by it what the new primary has been told again.
  operation uuid NOT NULL,
  uid bigint NOT NULL,
  modseq bigint NOT NULL,
  keywords bigint NOT NULL,
  size bigint NOT NULL,
  internal_date timestamptz NOT NULL,
  flags smallint NOT NULL,
  PRIMARY KEY (mailbox, uid)
) WITH (fillfactor = 90);
CREATE INDEX message_by_modseq ON mail.message (mailbox, modseq);
-- The collector asks whether anybody still refers to a content.
CREATE INDEX message_by_content ON mail.message (content);

CREATE TABLE mail.tombstone (
  mailbox uuid NOT NULL,
  -- null once the content may be collected.
  content uuid,
  operation uuid NOT NULL,
  uid bigint NOT NULL,
  modseq bigint NOT NULL,
  size bigint NOT NULL,
  internal_date timestamptz NOT NULL,
  expunged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (mailbox, uid)
);
CREATE INDEX tombstone_by_modseq ON mail.tombstone (mailbox, modseq);
CREATE INDEX tombstone_by_content ON mail.tombstone (content) WHERE content IS NOT NULL;
CREATE INDEX tombstone_with_content ON mail.tombstone (expunged_at) WHERE content IS NOT NULL;
CREATE INDEX tombstone_by_age ON mail.tombstone (expunged_at);

-- Everything about a message that never changes. The texts are finished IMAP (imapd/mime).
CREATE TABLE mail.content (
  id uuid PRIMARY KEY,
  size bigint NOT NULL,
  chunks integer NOT NULL,
  sent_day date,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  hash bytea NOT NULL,
  envelope bytea NOT NULL,
  body bytea NOT NULL,
  body_structure bytea NOT NULL,
  part_index bytea NOT NULL,
  header bytea NOT NULL
);

-- The raw message in pieces of 256 KiB (the last one shorter), each with its own SHA-256.
CREATE TABLE mail.chunk (
  content uuid NOT NULL,
  number integer NOT NULL,
  -- Holds a NUL octet, so that it cannot travel as text (imapd/store/postgres/messages/octets.ts).
  nul boolean NOT NULL,
  hash bytea NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (content, number)
);

-- Large messages that are under way: whoever never became part of a mailbox is collected by age.
CREATE TABLE mail.staged (
  content uuid PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX staged_by_age ON mail.staged (started_at);

CREATE TABLE mail.operation (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  result json NOT NULL
);
CREATE INDEX operation_by_age ON mail.operation USING brin (at);

-- Where identifiers of a mailbox jumped: the row as it was before the first write at or above that epoch.
CREATE TABLE mail.fork (
  mailbox uuid NOT NULL,
  epoch bigint NOT NULL,
  uid_next bigint NOT NULL,
  modseq bigint NOT NULL,
  gap bigint NOT NULL,
  PRIMARY KEY (mailbox, epoch)
);

-- What salvage has decided about a message of an old primary: the message here that it became, or that it is.
CREATE TABLE mail.salvaged (
  member text NOT NULL,
  mailbox uuid NOT NULL,
  old_uid bigint NOT NULL,
  new_mailbox uuid,
  new_uid bigint,
  -- False: the new primary had been told of it again, by its operation or by a message of equal content.
  brought boolean NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (member, mailbox, old_uid)
);
CREATE INDEX salvaged_by_result ON mail.salvaged (new_mailbox, new_uid);

CREATE FUNCTION mail.enter_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  jump record;
  shift bigint := 0;
BEGIN
  FOR jump IN
    SELECT e.epoch, e.uid_gap FROM imapcluster.repository_epoch e
    WHERE e.epoch > OLD.epoch AND e.epoch <= NEW.epoch AND e.uid_gap > 0 ORDER BY e.epoch
  LOOP
    INSERT INTO mail.fork (mailbox, epoch, uid_next, modseq, gap)
    VALUES (OLD.id, jump.epoch, OLD.uid_next + shift, OLD.modseq + shift, jump.uid_gap);
    shift := shift + jump.uid_gap;
  END LOOP;
  NEW.uid_next := NEW.uid_next + shift;
  NEW.modseq := NEW.modseq + shift;
  RETURN NEW;
END $$;
CREATE TRIGGER enter_epoch BEFORE UPDATE ON mail.mailbox
  FOR EACH ROW WHEN (NEW.epoch > OLD.epoch) EXECUTE FUNCTION mail.enter_epoch();

-- lz4 reads and inserts mail fastest and stores it smallest of what PostgreSQL offers (measured); a server built
-- without it keeps its default.
DO $$
DECLARE
  target record;
BEGIN
  FOR target IN SELECT * FROM (VALUES ('content', 'header'), ('content', 'envelope'), ('content', 'body'),
    ('content', 'body_structure'), ('content', 'part_index'), ('chunk', 'data')) AS c(tab, col)
  LOOP
    EXECUTE format('ALTER TABLE mail.%I ALTER COLUMN %I SET COMPRESSION lz4', target.tab, target.col);
  END LOOP;
EXCEPTION WHEN feature_not_supported THEN
  RAISE NOTICE 'this server has no lz4';
END $$;
`;
