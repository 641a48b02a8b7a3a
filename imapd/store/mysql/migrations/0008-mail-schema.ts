import type { Statement } from '../connection.ts';
import { table } from './table.ts';

/** As many as this version has, whatever later ones lock: `LOCK_SLOTS` of the program may only grow by another migration. */
const SLOTS = 2_050;

/**
 * The mail schema as PostgreSQL has it in its version 8 (imapd/store/postgres/migrations), the first here. Every statement may be
 * run again, for DDL commits by itself: a migration that was cut short begins anew.
 *
 * VARBINARY is text and compares octet by octet (in `utf8mb4_bin` 'a' is 'a ', and two names of 1,024 octets do not fit in one key);
 * BINARY(16) is a UUID; BLOB is octets, or a list of words (words.ts): the reader of rows goes by that. No foreign keys, as
 * there; no triggers and no routines, which nobody may make here while the binary log is on who is no administrator.
 */
export const mailSchema: readonly Statement[] = [
  table(
    'account',
    `
    name VARBINARY(1024) NOT NULL PRIMARY KEY,
    password_hash VARBINARY(1024) NOT NULL,
    scram_keys VARBINARY(1024),
    -- The keys hold only while this is still the hash of the password.
    scram_of VARBINARY(1024),
    -- Limits: null = the cluster's, -1 = none. Storage in octets.
    quota_storage BIGINT,
    quota_messages BIGINT,
    quota_mailboxes BIGINT,
    admin BOOLEAN NOT NULL DEFAULT FALSE,
    -- Names and no more: there is no table of groups.
    in_groups BLOB NOT NULL DEFAULT (''),
    created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)`,
  ),

  // Hands out UIDVALIDITY: never twice, never backwards (RFC 3501 2.3.1.1). It begins at the time of day, so that a
  // repository that was set up anew does not repeat the values of the one before it.
  table(
    'uid_validity',
    `
    singleton TINYINT NOT NULL DEFAULT 1 PRIMARY KEY CHECK (singleton = 1),
    epoch BIGINT NOT NULL,
    next BIGINT NOT NULL CHECK (next <= 4294967296)`,
  ),
  {
    name: 'schema-uid-validity-row',
    text: `INSERT INTO uid_validity (singleton, epoch, next)
      SELECT 1, COALESCE(MAX(e.epoch), 0), UNIX_TIMESTAMP() FROM repository_epoch e
      ON DUPLICATE KEY UPDATE singleton = 1`,
  },

  table(
    'mailbox',
    `
    id BINARY(16) NOT NULL PRIMARY KEY,
    -- Epoch of the last write: unplanned epochs above it are jumps not yet made (epoch-sql.ts).
    epoch BIGINT NOT NULL,
    uid_validity BIGINT NOT NULL,
    uid_next BIGINT NOT NULL DEFAULT 1 CHECK (uid_next <= 4294967296),
    modseq BIGINT NOT NULL DEFAULT 1,
    recent_from BIGINT NOT NULL DEFAULT 1,
    -- Tombstones are complete for what was expunged after this mod-sequence; older ones are collected.
    expunges_known_from BIGINT NOT NULL DEFAULT 0,
    messages BIGINT NOT NULL DEFAULT 0 CHECK (messages >= 0),
    unseen BIGINT NOT NULL DEFAULT 0 CHECK (unseen >= 0),
    deleted BIGINT NOT NULL DEFAULT 0 CHECK (deleted >= 0),
    size BIGINT NOT NULL DEFAULT 0 CHECK (size >= 0),
    created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    owner VARBINARY(1024) NOT NULL,
    name VARBINARY(1024) NOT NULL,
    special_use VARBINARY(255) NOT NULL DEFAULT '',
    keywords BLOB NOT NULL DEFAULT (''),
    UNIQUE KEY mailbox_by_name (owner, name)`,
  ),

  // Mailboxes that were deleted. Their messages stay until the collector takes them: DELETE costs the same whatever the
  // size, and a session that still has the mailbox selected can read on.
  table(
    'removed_mailbox',
    `
    id BINARY(16) NOT NULL PRIMARY KEY,
    -- As the row was: salvage finds the fork of a mailbox by them even when it is gone.
    epoch BIGINT NOT NULL,
    uid_next BIGINT NOT NULL,
    modseq BIGINT NOT NULL,
    removed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)`,
  ),

  table(
    'subscription',
    `
    owner VARBINARY(1024) NOT NULL,
    name VARBINARY(1024) NOT NULL,
    subscribed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (owner, name)`,
  ),

  table(
    'message',
    `
    mailbox BINARY(16) NOT NULL,
    uid BIGINT NOT NULL,
    modseq BIGINT NOT NULL,
    -- Read in two words of 31 bits: no number has room for it.
    keywords BIGINT UNSIGNED NOT NULL,
    size BIGINT NOT NULL,
    internal_date DATETIME(6) NOT NULL,
    saved_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    flags SMALLINT UNSIGNED NOT NULL,
    content BINARY(16) NOT NULL,
    -- What made this row (APPEND, COPY, salvage): salvage tells by it what the new primary has been told again.
    operation BINARY(16) NOT NULL,
    PRIMARY KEY (mailbox, uid),
    KEY message_by_modseq (mailbox, modseq),
    -- The collector asks whether anybody still refers to a content.
    KEY message_by_content (content)`,
  ),

  table(
    'tombstone',
    `
    mailbox BINARY(16) NOT NULL,
    uid BIGINT NOT NULL,
    modseq BIGINT NOT NULL,
    size BIGINT NOT NULL,
    -- null once the content may be collected.
    content BINARY(16),
    operation BINARY(16) NOT NULL,
    internal_date DATETIME(6) NOT NULL,
    saved_at DATETIME(6),
    expunged_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    -- In place of an index of those that have one.
    has_content BOOLEAN AS (content IS NOT NULL) STORED,
    PRIMARY KEY (mailbox, uid),
    KEY tombstone_by_modseq (mailbox, modseq),
    KEY tombstone_by_content (content),
    KEY tombstone_with_content (has_content, expunged_at),
    KEY tombstone_by_age (expunged_at)`,
  ),

  // Everything about a message that never changes. The texts are finished IMAP (imapd/mime).
  table(
    'content',
    `
    id BINARY(16) NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    chunks INT NOT NULL,
    sent_day DATE,
    created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    hash TINYBLOB NOT NULL,
    envelope MEDIUMBLOB NOT NULL,
    body MEDIUMBLOB NOT NULL,
    body_structure MEDIUMBLOB NOT NULL,
    part_index MEDIUMBLOB NOT NULL,
    header MEDIUMBLOB NOT NULL`,
  ),

  // The raw message in pieces of 256 KiB (the last one shorter), each with its own SHA-256.
  table(
    'chunk',
    `
    content BINARY(16) NOT NULL,
    number INT NOT NULL,
    hash TINYBLOB NOT NULL,
    data MEDIUMBLOB NOT NULL,
    PRIMARY KEY (content, number)`,
  ),

  // Large messages that are under way: whoever never became part of a mailbox is collected by age.
  table(
    'staged',
    `
    content BINARY(16) NOT NULL PRIMARY KEY,
    started_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    KEY staged_by_age (started_at)`,
  ),

  table(
    'operation',
    `
    id BINARY(16) NOT NULL PRIMARY KEY,
    at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    result LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    KEY operation_by_age (at)`,
  ),

  // Where identifiers of a mailbox jumped: the row as it was before the first write at or above that epoch.
  table(
    'fork',
    `
    mailbox BINARY(16) NOT NULL,
    epoch BIGINT NOT NULL,
    uid_next BIGINT NOT NULL,
    modseq BIGINT NOT NULL,
    gap BIGINT NOT NULL,
    PRIMARY KEY (mailbox, epoch)`,
  ),

  // What salvage has decided about a message of an old primary: the message here that it became, or that it is.
  table(
    'salvaged',
    `
    member VARBINARY(255) NOT NULL,
    mailbox BINARY(16) NOT NULL,
    old_uid BIGINT NOT NULL,
    new_mailbox BINARY(16),
    new_uid BIGINT,
    -- False: the new primary had been told of it again, by its operation or by a message of equal content.
    brought BOOLEAN NOT NULL,
    at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (member, mailbox, old_uid),
    KEY salvaged_by_result (new_mailbox, new_uid)`,
  ),

  // One row an owner of mailboxes. It is locked after the rows of mailboxes, never before (operations/usage.ts).
  table(
    'usage_of',
    `
    owner VARBINARY(1024) NOT NULL PRIMARY KEY,
    storage BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    mailboxes BIGINT NOT NULL`,
  ),

  // METADATA (RFC 5464). They belong to a mailbox by its id, so RENAME needs nothing.
  table(
    'annotation',
    `
    -- All zeros: of the server, as one user sees it.
    mailbox BINARY(16) NOT NULL,
    -- Whose /private entry it is; empty: /shared.
    reader VARBINARY(1024) NOT NULL,
    -- Below /private or /shared, in small letters.
    entry VARBINARY(1024) NOT NULL,
    value MEDIUMBLOB NOT NULL,
    modified_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (mailbox, reader, entry),
    -- Who is removed takes private entries along; salvage asks for what is young.
    KEY annotation_by_reader (reader),
    KEY annotation_by_age (modified_at)`,
  ),

  // Access control lists (RFC 4314). The owner has every right without a row.
  table(
    'acl',
    `
    mailbox BINARY(16) NOT NULL,
    -- A user, or anyone; with a dash before it the rights are taken away.
    identifier VARBINARY(1024) NOT NULL,
    -- Letters of RFC 4314, 2.1, never none.
    rights VARBINARY(32) NOT NULL CHECK (rights <> ''),
    modified_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (mailbox, identifier),
    -- LIST asks what others have granted to one user.
    KEY acl_by_identifier (identifier)`,
  ),

  // Nobody writes them: rows to lock (operations/lock-slots.ts).
  table('lock_slot', 'slot SMALLINT UNSIGNED NOT NULL PRIMARY KEY'),
  {
    name: 'schema-lock-slots',
    text: `INSERT INTO lock_slot (slot) VALUES ${Array.from({ length: SLOTS }, (_, slot) => `(${slot})`).join(', ')}
      ON DUPLICATE KEY UPDATE slot = slot`,
  },
];
