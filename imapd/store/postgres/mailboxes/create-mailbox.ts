import { randomUUID } from 'node:crypto';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { CreateMailbox, CreateOutcome } from '../../store.ts';
import type { MailboxId } from '../../types.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';
import { currentEpoch } from '../epoch-sql.ts';
import { lockOwner } from '../operations/lock-owner.ts';
import { takeUidValidities } from './uid-validity.ts';

/** LIST stays an answer that a client can show, and a runaway client stays harmless. */
const MAX_MAILBOXES = 10_000;

export async function createMailbox(
  access: RepositoryAccess<Connection>,
  request: CreateMailbox,
  attempt: Attempt,
): Promise<CreateOutcome> {
  // A second try of the transaction may well make other ids: nobody has seen the first ones.
  return await access.mutate<CreateOutcome>(request.operation, (tx) => createIn(tx, request), attempt);
}

export async function createIn(tx: Connection, request: Omit<CreateMailbox, 'operation'>): Promise<CreateOutcome> {
  const { owner, name, specialUse } = request;
  const [, { count, exists, uses }] = await Promise.all([lockOwner(tx, owner), countMailboxes(tx, owner, name)]);
  if (exists) return { kind: 'exists' };
  const taken = specialUse.find((use) => uses.includes(use));
  if (taken !== undefined) return { kind: 'useTaken', use: taken };
  const parents = parentsOf(name);
  if (count + parents.length >= MAX_MAILBOXES) return { kind: 'limit' };
  const created = await insertMailboxes(tx, owner, [
    ...parents.map((parent) => ({ name: parent, specialUse: [] })),
    { name, specialUse },
  ]);
  const id = created.get(name);
  return id === undefined ? { kind: 'exists' } : { kind: 'created', id };
}

/** Makes those of the names that do not exist; the caller has locked the owner. */
export async function insertMailboxes(
  tx: Connection,
  owner: string,
  mailboxes: readonly { readonly name: string; readonly specialUse: readonly string[] }[],
): Promise<ReadonlyMap<string, MailboxId>> {
  const first = await takeUidValidities(tx, mailboxes.length);
  const created = await rows<{ name: string; id: MailboxId }>(tx, {
    name: 'mailbox-insert',
    text: `INSERT INTO mail.mailbox (id, owner, name, uid_validity, special_use, epoch)
      SELECT i.id, $1, i.name, $5 + i.n - 1, coalesce(string_to_array(nullif(i.special_use, ''), ' '), '{}'), ${currentEpoch}
      FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS i(id, name, special_use, n)
      ON CONFLICT (owner, name) DO NOTHING RETURNING name, id`,
    values: [
      owner,
      mailboxes.map(() => randomUUID()),
      mailboxes.map((mailbox) => mailbox.name),
      mailboxes.map((mailbox) => mailbox.specialUse.join(' ')),
      first,
    ],
  });
  return new Map(created.map(({ name, id }) => [name, id]));
}

/** `a/b/c` has the parents `a` and `a/b`; INBOX always exists. */
export const parentsOf = (name: string): readonly string[] => {
  const levels = name.split('/');
  return levels.slice(1).map((_, i) => levels.slice(0, i + 1).join('/'));
};

const countMailboxes = (
  tx: Connection,
  owner: string,
  name: string,
): Promise<{ readonly count: number; readonly exists: boolean; readonly uses: readonly string[] }> =>
  onlyRow(tx, {
    name: 'mailbox-count',
    text: `SELECT count(*)::float8 AS count, coalesce(bool_or(name = $2), false) AS exists,
        ARRAY(SELECT DISTINCT unnest(u.special_use) FROM mail.mailbox u WHERE u.owner = $1) AS uses
      FROM mail.mailbox WHERE owner = $1`,
    values: [owner, name],
  });
