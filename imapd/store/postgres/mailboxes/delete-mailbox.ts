import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { DeleteOutcome, Named, Only } from '../../store.ts';
import type { MailboxId } from '../../types.ts';
import { type Connection, rows } from '../connection.ts';
import { lockOwner } from '../operations/lock-owner.ts';

/**
 * Removes the row, hence the name, at once; the messages stay until the collector takes them. A name that lives on through
 * its children needs no row (`\Noselect`), and cannot be removed a second time (RFC 3501 6.3.4).
 */
export async function deleteMailbox(
  access: RepositoryAccess<Connection>,
  request: Named & Only,
  attempt: Attempt,
): Promise<DeleteOutcome> {
  const { owner, name, only } = request;
  if (name === 'INBOX') return { kind: 'inbox' };
  return await access.mutate<DeleteOutcome>(
    request.operation,
    async (tx) => {
      const [, removed] = await Promise.all([lockOwner(tx, owner), removeMailboxes(tx, { owner, name, only })]);
      const [mailbox] = removed;
      if (mailbox !== undefined) return { kind: 'deleted', mailbox };
      if (only !== undefined) return { kind: 'missing' };
      return { kind: (await hasChildren(tx, owner, name)) ? 'hasChildren' : 'missing' };
    },
    attempt,
  );
}

type AnyOnly = { readonly only?: MailboxId | undefined };

/** One mailbox, or with `name` null all of a user. Gives their ids. */
export async function removeMailboxes(
  tx: Connection,
  { owner, name, only }: { readonly owner: string; readonly name: string | null } & AnyOnly,
): Promise<readonly MailboxId[]> {
  // Two statements: one plan for both would look through all mailboxes of the owner for the one.
  const removed = await rows<{ id: MailboxId }>(
    tx,
    name === null
      ? { name: 'mailbox-remove-all', text: removeText('owner = $1'), values: [owner] }
      : {
          name: 'mailbox-remove',
          text: removeText('owner = $1 AND name = $2 AND ($3::uuid IS NULL OR id = $3)'),
          values: [owner, name, only ?? null],
        },
  );
  return removed.map(({ id }) => id);
}

/** Locked ascending by id first, like everywhere: DELETE alone would take them in any order. */
const removeText = (which: string): string => `
  WITH named AS MATERIALIZED (
    SELECT id FROM mail.mailbox WHERE ${which} ORDER BY id FOR UPDATE
  ), gone AS (
    DELETE FROM mail.mailbox m USING named n WHERE m.id = n.id RETURNING m.*
  ), remembered AS (
    INSERT INTO mail.removed_mailbox (id, epoch, uid_next, modseq) SELECT id, epoch, uid_next, modseq FROM gone
  )
  SELECT id FROM gone`;

const hasChildren = async (tx: Connection, owner: string, name: string): Promise<boolean> =>
  (
    await rows(tx, {
      name: 'mailbox-children',
      text: `SELECT 1 FROM mail.mailbox WHERE owner = $1 AND starts_with(name, $2) LIMIT 1`,
      values: [owner, `${name}/`],
    })
  ).length > 0;
