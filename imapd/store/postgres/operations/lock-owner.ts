import { type Connection, rows } from '../connection.ts';

/**
 * Whoever changes a user's names (CREATE, DELETE, RENAME, the account itself) does so alone. Order of locks everywhere:
 * owner, then mailbox rows ascending by id, then usage of users ascending by name, then readers ascending by name, then the
 * UIDVALIDITY row, which is one for the whole partition: who waits for one user must not have everybody wait.
 */
export async function lockOwner(tx: Connection, owner: string): Promise<void> {
  await rows(tx, {
    name: 'owner-lock',
    text: `SELECT pg_advisory_xact_lock(hashtextextended('imapcluster owner ' || $1, 0))`,
    values: [owner],
  });
}

/** What users use, before anything is added to it. A user without mailboxes has no row, and nobody waits for it. */
export async function lockUsage(tx: Connection, owners: readonly string[]): Promise<void> {
  await rows(tx, {
    name: 'usage-lock',
    text: 'SELECT 1 FROM mail.usage WHERE owner = ANY($1::text[]) ORDER BY owner FOR UPDATE',
    values: [owners],
  });
}

/**
 * What mailboxes of others say of users: their private annotations. Their accounts, and what they use, may be in another partition,
 * where nothing of this can be locked.
 */
export async function lockReaders(tx: Connection, readers: readonly string[]): Promise<void> {
  await rows(tx, {
    name: 'reader-lock',
    text: `SELECT pg_advisory_xact_lock(hashtextextended('imapcluster reader ' || name, 0))
      FROM (SELECT DISTINCT name FROM unnest($1::text[]) AS r(name) ORDER BY name) readers`,
    values: [readers],
  });
}
