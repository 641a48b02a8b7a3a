export type MailboxToFill = { readonly owner: string; readonly name: string; readonly messages: number };

/**
 * Makes the one message of a mailbox many: rows that share its content, as COPY makes them. One APPEND a message would
 * take minutes.
 */
export async function fillMailbox(
  query: (text: string, values: unknown[]) => Promise<unknown>,
  { owner, name, messages }: MailboxToFill,
): Promise<void> {
  await query(
    `WITH box AS (
       UPDATE mail.mailbox SET uid_next = $3::bigint + 1, messages = $3::bigint, unseen = $3::bigint, size = size * $3::bigint
       WHERE owner = $1 AND name = $2 RETURNING id)
     INSERT INTO mail.message (mailbox, content, operation, uid, modseq, keywords, size, internal_date, flags)
     SELECT m.mailbox, m.content, m.operation, g, m.modseq, m.keywords, m.size, m.internal_date, m.flags
     FROM box JOIN mail.message m ON m.mailbox = box.id, generate_series(2, $3::bigint) AS g`,
    [owner, name, messages],
  );
}
