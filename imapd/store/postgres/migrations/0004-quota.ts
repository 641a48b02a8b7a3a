/**
 * Limits of users and what they use (RFC 9208). Usage is kept by triggers, so that an imapd of before keeps it too while both
 * versions run. The lock waits for the writers that there are and keeps new ones out until COMMIT: nothing is written between
 * the counting and the first trigger. Accounts, which every sign-in reads, are locked last, with nothing left to wait for.
 * Counted are rows of mailboxes; messages are not looked at.
 */
export const quota = `
LOCK TABLE mail.mailbox IN SHARE ROW EXCLUSIVE MODE;

-- One row an owner of mailboxes. It is locked after the rows of mailboxes, never before.
CREATE TABLE mail.usage (
  owner text PRIMARY KEY,
  storage bigint NOT NULL,
  messages bigint NOT NULL,
  mailboxes bigint NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION mail.usage_of_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE mail.usage SET storage = storage + NEW.size - OLD.size, messages = messages + NEW.messages - OLD.messages
  WHERE owner = NEW.owner;
  RETURN NULL;
END $$;
CREATE TRIGGER usage_of_messages AFTER UPDATE ON mail.mailbox FOR EACH ROW
  WHEN (NEW.size <> OLD.size OR NEW.messages <> OLD.messages) EXECUTE FUNCTION mail.usage_of_messages();

-- Whole statements: a user who is removed with thousands of mailboxes costs one update.
CREATE FUNCTION mail.usage_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO mail.usage AS u (owner, storage, messages, mailboxes)
  SELECT owner, sum(size), sum(messages), count(*) FROM made GROUP BY owner ORDER BY owner
  ON CONFLICT (owner) DO UPDATE SET storage = u.storage + excluded.storage,
    messages = u.messages + excluded.messages, mailboxes = u.mailboxes + excluded.mailboxes;
  RETURN NULL;
END $$;
CREATE TRIGGER usage_of_new AFTER INSERT ON mail.mailbox REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION mail.usage_of_new();

CREATE FUNCTION mail.usage_of_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE mail.usage u SET storage = u.storage - g.storage, messages = u.messages - g.messages,
    mailboxes = u.mailboxes - g.mailboxes
  FROM (SELECT owner, sum(size) AS storage, sum(messages) AS messages, count(*) AS mailboxes
    FROM gone GROUP BY owner) g WHERE u.owner = g.owner;
  -- Who has not even an INBOX is no user any more.
  DELETE FROM mail.usage u WHERE u.owner IN (SELECT owner FROM gone) AND u.mailboxes = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER usage_of_gone AFTER DELETE ON mail.mailbox REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION mail.usage_of_gone();

INSERT INTO mail.usage (owner, storage, messages, mailboxes)
SELECT owner, sum(size), sum(messages), count(*) FROM mail.mailbox GROUP BY owner;

-- Limits: null = the cluster's, -1 = none. Storage in octets.
ALTER TABLE mail.account ADD COLUMN quota_storage bigint, ADD COLUMN quota_messages bigint,
  ADD COLUMN quota_mailboxes bigint, ADD COLUMN admin boolean NOT NULL DEFAULT false;
`;
