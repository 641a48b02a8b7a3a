import { type Connection, rows, type Statement } from '../connection.ts';
import { type Sql, sql } from '../sql.ts';

/**
 * What users use (`usage_of`), one row an owner of mailboxes. PostgreSQL keeps it by triggers, which nobody may make here who is
 * no administrator: so it is written into every transaction that changes size, messages or number of mailboxes, behind the
 * mailbox rows. `verify` counts it all again.
 */
export type UsageChange = { readonly storage: Sql; readonly messages: Sql };

/** What users use, before anything is added to it. A user without mailboxes has no row, and nobody waits for it. */
export const usageLock = (owners: readonly string[]): Statement => ({
  name: 'usage-lock',
  text: 'SELECT 1 FROM usage_of WHERE owner IN (?) ORDER BY owner FOR UPDATE',
  values: [owners],
});

export async function lockUsage(tx: Connection, owners: readonly string[]): Promise<void> {
  if (owners.length > 0) await rows(tx, usageLock(owners));
}

/** More or fewer messages in mailboxes that there are. @param owner a variable, or a value as `sql` takes it */
export function addUsage(owner: Sql, { storage, messages }: UsageChange): Statement {
  return {
    name: 'usage-add',
    ...sql`UPDATE usage_of SET storage = storage + ${storage}, messages = messages + ${messages} WHERE owner = ${owner}`,
  };
}

export type MailboxesUsage = UsageChange & { readonly mailboxes: Sql };

/** Mailboxes that were made, with what is in them. The first makes the owner's row. */
export function addMailboxes(owner: Sql, { storage, messages, mailboxes }: MailboxesUsage): Statement {
  return {
    name: 'usage-add-mailboxes',
    ...sql`INSERT INTO usage_of (owner, storage, messages, mailboxes)
      SELECT ${owner}, ${storage}, ${messages}, ${mailboxes} FROM (SELECT 1) one WHERE ${mailboxes} > 0
      ON DUPLICATE KEY UPDATE storage = usage_of.storage + ${storage}, messages = usage_of.messages + ${messages},
        mailboxes = usage_of.mailboxes + ${mailboxes}`,
  };
}

/** Mailboxes that are gone, with what was in them. Who has not even an INBOX is no user any more. */
export function removeMailboxes(owner: Sql, { storage, messages, mailboxes }: MailboxesUsage): readonly Statement[] {
  return [
    {
      name: 'usage-remove-mailboxes',
      ...sql`UPDATE usage_of SET storage = storage - ${storage}, messages = messages - ${messages},
        mailboxes = mailboxes - ${mailboxes} WHERE owner = ${owner}`,
    },
    { name: 'usage-remove-owner', ...sql`DELETE FROM usage_of WHERE owner = ${owner} AND mailboxes = 0` },
  ];
}
