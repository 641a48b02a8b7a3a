import { type Connection, rows } from '../connection.ts';

/**
 * Whoever changes a user's names (CREATE, DELETE, RENAME, the account itself) does so alone. Order of locks everywhere:
 * owner, then mailbox rows ascending by id, then the UIDVALIDITY row.
 */
export async function lockOwner(tx: Connection, owner: string): Promise<void> {
  await rows(tx, {
    name: 'owner-lock',
    text: `SELECT pg_advisory_xact_lock(hashtextextended('imapcluster owner ' || $1, 0))`,
    values: [owner],
  });
}
