import { randomUUID } from 'node:crypto';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { parentsOf } from '../../parents-of.ts';
import type { QuotaLimits } from '../../quota.ts';
import { limitValue } from '../../quota-values.ts';
import type { CreateMailbox, CreateOutcome } from '../../store.ts';
import type { MailboxId } from '../../types.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';
import { currentEpoch } from '../epoch-sql.ts';
import { lockOwner, lockUsage } from '../operations/lock-owner.ts';
import { takeUidValidities } from './uid-validity.ts';

type Create = CreateMailbox & { readonly limits: QuotaLimits };

export async function createMailbox(
  access: RepositoryAccess<Connection>,
  request: Create,
  attempt: Attempt,
): Promise<CreateOutcome> {
  // A second try of the transaction may well make other ids: nobody has seen the first ones.
  return await access.mutate<CreateOutcome>(request.operation, (tx) => createIn(tx, request), attempt);
}

export async function createIn(tx: Connection, request: Omit<Create, 'operation'>): Promise<CreateOutcome> {
  const { owner, name, specialUse, ofNobody = false } = request;
  const [, , { excess, exists, uses }] = await Promise.all([
    lockOwner(tx, owner),
    ofNobody ? keepRecord(tx, owner) : null,
    countMailboxes(tx, request),
  ]);
  if (exists) return { kind: 'exists' };
  const taken = specialUse.find((use) => uses.includes(use));
  if (taken !== undefined) return { kind: 'useTaken', use: taken };
  if (excess) return { kind: 'overQuota' };
  const created = await insertMailboxes(tx, owner, [
    ...parentsOf(name).map((parent) => ({ name: parent, specialUse: [] })),
    { name, specialUse },
  ]);
  const id = created.get(name);
  return id === undefined ? { kind: 'exists' } : { kind: 'created', id };
}

/** Limits, which are none until an administrator sets some (SETQUOTA), and a password that is none. */
async function keepRecord(tx: Connection, owner: string): Promise<void> {
  await rows(tx, {
    name: 'account-of-nobody',
    text: `INSERT INTO mail.account (name, password_hash, quota_storage, quota_messages, quota_mailboxes)
      VALUES ($1, '!', -1, -1, -1) ON CONFLICT DO NOTHING`,
    values: [owner],
  });
}

type NewMailbox = { readonly name: string; readonly specialUse: readonly string[] };

/** Makes those of the names that do not exist; the caller has locked the owner, and the mailboxes that it changes. */
export const insertMailboxes = (
  tx: Connection,
  owner: string,
  mailboxes: readonly NewMailbox[],
): Promise<ReadonlyMap<string, MailboxId>> => insert(tx, { owner, mailboxes, inherit: true });

/** The same for the owner alone: nobody has said that others may see what is in them. */
export const insertUnshared = (
  tx: Connection,
  owner: string,
  mailboxes: readonly NewMailbox[],
): Promise<ReadonlyMap<string, MailboxId>> => insert(tx, { owner, mailboxes, inherit: false });

async function insert(
  tx: Connection,
  {
    owner,
    mailboxes,
    inherit,
  }: { readonly owner: string; readonly mailboxes: readonly NewMailbox[]; readonly inherit: boolean },
): Promise<ReadonlyMap<string, MailboxId>> {
  // The second waits in the server for the first. ON CONFLICT alone would wait for whoever writes to a parent right now, and
  // he for the usage.
  const [, first] = await Promise.all([lockUsage(tx, [owner]), takeUidValidities(tx, mailboxes.length)]);
  const created = await rows<{ name: string; id: MailboxId }>(tx, {
    name: 'mailbox-insert',
    text: `WITH made AS (INSERT INTO mail.mailbox (id, owner, name, uid_validity, special_use, epoch)
      SELECT i.id, $1, i.name, $5 + i.n - 1, coalesce(string_to_array(nullif(i.special_use, ''), ' '), '{}'), ${currentEpoch}
      FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS i(id, name, special_use, n)
      WHERE NOT EXISTS (SELECT 1 FROM mail.mailbox b WHERE b.owner = $1 AND b.name = i.name)
      ON CONFLICT (owner, name) DO NOTHING RETURNING name, id
    ), inherited AS (${inheritText}
    ) SELECT name, id FROM made`,
    values: [
      owner,
      mailboxes.map(() => randomUUID()),
      mailboxes.map((mailbox) => mailbox.name),
      mailboxes.map((mailbox) => mailbox.specialUse.join(' ')),
      first,
      inherit,
    ],
  });
  return new Map(created.map(({ name, id }) => [name, id]));
}

/** RFC 4314, 4: the ACL of the nearest parent that there was. Parents that are made on the way get the same. */
const inheritText = `
      INSERT INTO mail.acl (mailbox, identifier, rights) SELECT m.id, a.identifier, a.rights
      FROM made m CROSS JOIN LATERAL (
        SELECT p.id FROM mail.mailbox p WHERE p.owner = $1 AND starts_with(m.name, p.name || '/')
        ORDER BY length(p.name) DESC LIMIT 1
      ) parent JOIN mail.acl a ON a.mailbox = parent.id WHERE $6::boolean`;

/** Whether what there is not yet of `names` is more than the owner may have. The caller has locked the owner. */
export async function isTooMany(
  tx: Connection,
  owner: string,
  { names, limits }: { readonly names: readonly string[]; readonly limits: QuotaLimits },
): Promise<boolean> {
  const { excess } = await onlyRow<{ excess: boolean }>(tx, {
    name: 'mailbox-excess',
    text: `SELECT ${excessOf('$2', '$3')} AS excess FROM mail.mailbox WHERE owner = $1`,
    values: [owner, names, limitValue(limits.MAILBOX)],
  });
  return excess;
}

/** Over the rows of one owner, $1. Where nothing is made nothing is too much, however many there are. */
const excessOf = (names: string, limit: string): string => `
  cardinality(${names}::text[]) > count(*) FILTER (WHERE name = ANY(${names})) AND
  coalesce((SELECT a.quota_mailboxes FROM mail.account a WHERE a.name = $1), ${limit}::bigint) BETWEEN 0 AND
    count(*) + cardinality(${names}::text[]) - count(*) FILTER (WHERE name = ANY(${names})) - 1`;

const countMailboxes = (
  tx: Connection,
  { owner, name, limits }: Pick<Create, 'owner' | 'name' | 'limits'>,
): Promise<{ readonly excess: boolean; readonly exists: boolean; readonly uses: readonly string[] }> =>
  onlyRow(tx, {
    name: 'mailbox-count',
    text: `SELECT ${excessOf('$3', '$4')} AS excess, coalesce(bool_or(name = $2), false) AS exists,
        ARRAY(SELECT DISTINCT unnest(u.special_use) FROM mail.mailbox u WHERE u.owner = $1) AS uses
      FROM mail.mailbox WHERE owner = $1`,
    values: [owner, name, [...parentsOf(name), name], limitValue(limits.MAILBOX)],
  });
