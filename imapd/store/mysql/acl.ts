import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type {
  Accessible,
  AclEntries,
  ChangeAcl,
  ChangeAclOutcome,
  FindGranted,
  FoundGranted,
  GrantedPage,
  ListGranted,
} from '../acl.ts';
import { changedRights } from '../changed-rights.ts';
import { type GrantedRow, pageOf } from '../mailboxes/granted-row.ts';
import { listingsOf } from '../mailboxes/listings-of.ts';
import { mailboxState } from '../mailboxes/mailbox-row.ts';
import { rollBackWith, withOutcome } from '../operations/outcome.ts';
import type { QuotaLimits } from '../quota.ts';
import { quotaOf } from '../quota-values.ts';
import type { MailboxId } from '../types.ts';
import { type Connection, firstRow, onlyRow, rows } from './connection.ts';
import { type ListedColumns, listedRow, ownListing } from './mailboxes/list-mailboxes.ts';
import { lockMailbox } from './mailboxes/lock-mailbox.ts';
import { type MailboxColumns, mailboxColumns, mailboxRow } from './mailboxes/mailbox-columns.ts';
import { type QuotaRow, quotaColumns, quotaJoins, quotaOfRow } from './quota-sql.ts';
import { raw, type Sql, sql } from './sql.ts';

type Access = RepositoryAccess<Connection>;

/** JSON; null: no entries. */
type AclText = string | null;
const entriesOf = (text: AclText): AclEntries => (text === null ? {} : JSON.parse(text));

/** An object may have texts alone for its keys, not octets. */
const ENTRIES = 'JSON_OBJECTAGG(CONVERT(a.identifier USING utf8mb4), CONVERT(a.rights USING utf8mb4))';

const selectEntries = (mailbox: string, identifiers: readonly string[]): Sql =>
  sql`(SELECT ${raw(ENTRIES)} FROM acl a WHERE a.mailbox = ${raw(mailbox)} AND a.identifier IN (${identifiers}))`;

export async function findGranted(
  access: Access,
  { owner, names, identifiers, limits }: FindGranted & { readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<FoundGranted | null> {
  const statement = {
    name: 'acl-find-mailbox',
    ...sql`SELECT ${raw(mailboxColumns)}, ${raw(quotaColumns)}, ${selectEntries('m.id', identifiers)} AS acl
      FROM (SELECT id FROM mailbox WHERE owner = ${owner} AND name IN (${names}) ORDER BY LENGTH(name) DESC LIMIT 1) longest
      JOIN mailbox m ON m.id = longest.id ${raw(quotaJoins('m.owner'))}`,
  };
  const row = await access.read(
    (c) => firstRow<MailboxColumns & QuotaRow & { readonly acl: AclText }>(c, statement),
    attempt,
  );
  if (row === null) return null;
  const mailbox = { ...mailboxState(mailboxRow(row)), quota: quotaOf(quotaOfRow(row), limits) };
  return { mailbox, entries: entriesOf(row.acl) };
}

/** What the ACL of one mailbox says of identifiers; null where the mailbox is gone. */
export async function readEntries(
  access: Access,
  { mailbox, identifiers }: { readonly mailbox: MailboxId; readonly identifiers: readonly string[] },
  attempt: Attempt,
): Promise<AclEntries | null> {
  const statement = {
    name: 'acl-entries',
    ...sql`SELECT ${selectEntries('m.id', identifiers)} AS acl FROM mailbox m WHERE m.id = ${uuidOctets(mailbox)}`,
  };
  const row = await access.read((c) => firstRow<{ acl: AclText }>(c, statement), attempt);
  return row === null ? null : entriesOf(row.acl);
}

/** The whole ACL but its owner. */
export async function readAcl(access: Access, mailbox: MailboxId, attempt: Attempt): Promise<AclEntries> {
  const statement = {
    name: 'acl-read',
    text: 'SELECT identifier, rights FROM acl WHERE mailbox = ? ORDER BY identifier',
    values: [uuidOctets(mailbox)],
    prepared: true,
  };
  const found = await access.read((c) => rows<{ identifier: string; rights: string }>(c, statement), attempt);
  return Object.fromEntries(found.map(({ identifier, rights }) => [identifier, rights]));
}

type GrantedColumns = MailboxColumns & { readonly acl: string; readonly more: number };

const grantedRow = ({ acl, more, ...row }: GrantedColumns): GrantedRow => ({
  ...mailboxRow(row),
  acl: entriesOf(acl),
  more: more === 1,
});

/** By the index of identifiers: what others have, and have not granted, is not looked at. */
export async function listGranted(access: Access, request: ListGranted, attempt: Attempt): Promise<GrantedPage> {
  const statement = {
    name: 'acl-list',
    ...sql`SELECT ${raw(mailboxColumns)}, g.acl, g.more FROM (${granted(request)}) g JOIN mailbox m ON m.id = g.id
      ORDER BY m.owner, m.name`,
  };
  const found = await access.read((c) => rows<GrantedColumns>(c, statement), attempt);
  return pageOf(found.map(grantedRow));
}

/** The same and what the user has, by one statement: LIST costs no more than without other people's mailboxes. */
export async function listAccessible(access: Access, request: ListGranted, attempt: Attempt): Promise<Accessible> {
  const statement = {
    name: 'acl-list-all',
    ...sql`${ownListing(request.user, raw(', NULL AS acl, FALSE AS more'))}
      UNION ALL SELECT ${raw(mailboxColumns)}, m.name, FALSE, g.acl, g.more
        FROM (${granted(request)}) g JOIN mailbox m ON m.id = g.id`,
  };
  type Columns = ListedColumns & { readonly acl: AclText; readonly more: number };
  const found = await access.read((c) => rows<Columns>(c, statement), attempt);
  const own = listingsOf(found.filter(({ acl }) => acl === null).map(listedRow));
  const others = found.filter((row): row is ListedColumns & GrantedColumns => row.acl !== null);
  return { own, ...pageOf(others.map(grantedRow).sort(byName)) };
}

/** In order of octets, as `ORDER BY` has it: a sort of the server's would be one of the user's own mailboxes, too. */
const byName = (a: GrantedRow, b: GrantedRow): number =>
  Buffer.compare(Buffer.from(a.owner), Buffer.from(b.owner)) ||
  Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));

/**
 * A mailbox that only loses rights by the identifiers is none that was granted. What is granted to everybody, however much, leaves room
 * for what is granted by name, or to a group.
 *
 * Counted outside of what is grouped: MariaDB 10.11 finds no row where there is a HAVING beside a window.
 */
const granted = ({ user, identifiers, most }: ListGranted): Sql => sql`
  SELECT t.id, t.acl, COUNT(*) OVER () > ${most} AS more FROM (
    SELECT b.id, b.owner, b.name, ${raw(ENTRIES)} AS acl, MAX(${raw(GRANTS)}) AS grants,
      MAX(${raw(GRANTS)} AND a.identifier <> 'anyone') AS by_name
    FROM acl a JOIN mailbox b ON b.id = a.mailbox
    WHERE a.identifier IN (${identifiers}) AND b.owner <> ${user}
    GROUP BY b.id, b.owner, b.name HAVING grants = 1
  ) t ORDER BY t.by_name DESC, t.owner, t.name LIMIT ${most}`;

const GRANTS = `(LEFT(a.identifier, 1) <> '-' AND LOCATE('l', a.rights) > 0)`;

export async function changeAcl(access: Access, request: ChangeAcl, attempt: Attempt): Promise<ChangeAclOutcome> {
  return await withOutcome(access.mutate<ChangeAclOutcome>(request.operation, (tx) => changeIn(tx, request), attempt));
}

/** Alone with the ACL: who changes one entry locks the mailbox. */
async function changeIn(
  tx: Connection,
  { mailbox, identifier, mode, rights, most }: ChangeAcl,
): Promise<ChangeAclOutcome> {
  if ((await lockMailbox(tx, mailbox)).length === 0) return { kind: 'gone' };
  const id = uuidOctets(mailbox);
  const { entries, had } = await onlyRow<{ entries: number; had: string | null }>(tx, {
    name: 'acl-entry',
    text: 'SELECT COUNT(*) AS entries, MAX(IF(identifier = ?, rights, NULL)) AS had FROM acl WHERE mailbox = ?',
    values: [identifier, id],
  });
  const now = changedRights(had ?? '', mode, rights);
  if (now === (had ?? '')) return { kind: 'changed' };
  if (had === null && entries >= most) rollBackWith({ kind: 'tooMany' });
  const row = [id, identifier];
  await rows(
    tx,
    now === ''
      ? { name: 'acl-remove', text: 'DELETE FROM acl WHERE mailbox = ? AND identifier = ?', values: row }
      : {
          name: 'acl-write',
          text: `INSERT INTO acl (mailbox, identifier, rights) VALUES (?, ?, ?)
            ON DUPLICATE KEY UPDATE rights = VALUES(rights), modified_at = CURRENT_TIMESTAMP(6)`,
          values: [...row, now],
        },
  );
  return { kind: 'changed' };
}
