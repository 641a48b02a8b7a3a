import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { DeleteOutcome, Named, Only } from '../../store.ts';
import type { MailboxId } from '../../types.ts';
import { batch, type Connection, rows, type Statement, type Value } from '../connection.ts';
import { unset } from '../operations/batch.ts';
import { ownerLock } from '../operations/lock-slots.ts';
import * as usage from '../operations/usage.ts';
import { raw, sql } from '../sql.ts';
import { belowName } from './below-name.ts';

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
      const mailbox = await removeNamed(tx, request);
      if (mailbox !== undefined) return { kind: 'deleted', mailbox };
      if (only !== undefined) return { kind: 'missing' };
      return { kind: (await hasChildren(tx, owner, name)) ? 'hasChildren' : 'missing' };
    },
    attempt,
  );
}

/** All in one round trip; what is there to be removed is in variables of the session. */
async function removeNamed(
  tx: Connection,
  { owner, name, only }: Pick<Named, 'owner' | 'name'> & Only,
): Promise<MailboxId | undefined> {
  const [ofId, id]: [string, Value[]] = only === undefined ? ['', []] : ['AND id = ?', [uuidOctets(only)]];
  const answers = await batch(tx, [
    ownerLock(owner),
    unset('@gone', '@storage', '@messages'),
    {
      name: 'mailbox-remove-lock',
      text: `SELECT id, size, messages INTO @gone, @storage, @messages FROM mailbox
        WHERE owner = ? AND name = ? ${ofId} FOR UPDATE`,
      values: [owner, name, ...id],
    },
    { name: 'mailbox-removed', text: 'SELECT id FROM mailbox WHERE id = @gone' },
    ...remove({ text: 'id = @gone', values: [] }),
    ...usage.removeMailboxes(sql`${owner}`, {
      storage: raw('COALESCE(@storage, 0)'),
      messages: raw('COALESCE(@messages, 0)'),
      mailboxes: raw('(@gone IS NOT NULL)'),
    }),
  ]);
  const [removed] = answers[3] as { readonly id: MailboxId }[];
  return removed?.id;
}

/** Rows of one sending. */
const PIECE = 5_000;

/** All mailboxes of a user, whom the caller has locked. Gives their ids. */
export async function removeAllMailboxes(tx: Connection, owner: string): Promise<readonly MailboxId[]> {
  const named = await rows<{ id: MailboxId }>(tx, {
    name: 'mailbox-remove-all',
    text: 'SELECT id FROM mailbox WHERE owner = ? ORDER BY id',
    values: [owner],
  });
  const ids = named.map(({ id }) => id);
  let [storage, messages] = [0, 0];
  for (let at = 0; at < ids.length; at += PIECE) {
    const piece = ids.slice(at, at + PIECE).map(uuidOctets);
    const [locked] = await batch(tx, [
      {
        name: 'mailbox-remove-lock-all',
        // By the key and in its order, like everywhere: DELETE alone would take them in that of their names.
        text: 'SELECT size, messages FROM mailbox FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id FOR UPDATE',
        values: [piece],
      },
      ...remove({ text: 'id IN (?)', values: [piece] }),
    ]);
    for (const row of locked as { readonly size: number; readonly messages: number }[]) {
      storage += row.size;
      messages += row.messages;
    }
  }
  if (ids.length === 0) return ids;
  const gone = { storage: sql`${storage}`, messages: sql`${messages}`, mailboxes: sql`${ids.length}` };
  await batch(tx, usage.removeMailboxes(sql`${owner}`, gone));
  return ids;
}

const remove = (which: { readonly text: string; readonly values: readonly Value[] }): readonly Statement[] => [
  {
    name: 'mailbox-remember',
    text: `INSERT INTO removed_mailbox (id, epoch, uid_next, modseq)
      SELECT id, epoch, uid_next, modseq FROM mailbox WHERE ${which.text}`,
    values: which.values,
  },
  { name: 'mailbox-remove', text: `DELETE FROM mailbox WHERE ${which.text}`, values: which.values },
];

const hasChildren = async (tx: Connection, owner: string, name: string): Promise<boolean> => {
  const { text, values } = belowName(sql`name`, name);
  const statement = { text: `SELECT 1 FROM mailbox WHERE owner = ? AND ${text} LIMIT 1`, values: [owner, ...values] };
  return (await rows(tx, { name: 'mailbox-children', ...statement })).length > 0;
};
