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
import { type ListedRow, listingsOf } from '../mailboxes/listings-of.ts';
import { type MailboxRow, mailboxState } from '../mailboxes/mailbox-row.ts';
import { rollBackWith, withOutcome } from '../operations/outcome.ts';
import type { QuotaLimits } from '../quota.ts';
import { type QuotaJson, quotaOf } from '../quota-values.ts';
import type { MailboxId } from '../types.ts';
import { type Connection, firstRow, onlyRow, rows } from './connection.ts';
import { ownListingText } from './mailboxes/list-mailboxes.ts';
import { lockMailbox } from './mailboxes/lock-mailbox.ts';
import { mailboxColumns } from './mailboxes/mailbox-columns.ts';
import { quotaColumn } from './quota-sql.ts';

type Access = RepositoryAccess<Connection>;

export async function findGranted(
  access: Access,
  { owner, names, identifiers, limits }: FindGranted & { readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<FoundGranted | null> {
  const row = await access.read(
    (c) =>
      firstRow<MailboxRow & { quota: QuotaJson; acl: AclEntries | null }>(c, {
        name: 'acl-find-mailbox',
        text: `SELECT ${mailboxColumns}, ${quotaColumn('m.owner')} AS quota, ${entriesOf('m.id', '$3')} AS acl
          FROM mail.mailbox m WHERE m.owner = $1 AND m.name = ANY($2::text[]) ORDER BY length(m.name) DESC LIMIT 1`,
        values: [owner, names, identifiers],
      }),
    attempt,
  );
  if (row === null) return null;
  return { mailbox: { ...mailboxState(row), quota: quotaOf(row.quota, limits) }, entries: row.acl ?? {} };
}

/** What the ACL of one mailbox says of identifiers; null where the mailbox is gone. */
export async function readEntries(
  access: Access,
  { mailbox, identifiers }: { readonly mailbox: MailboxId; readonly identifiers: readonly string[] },
  attempt: Attempt,
): Promise<AclEntries | null> {
  const row = await access.read(
    (c) =>
      firstRow<{ acl: AclEntries | null }>(c, {
        name: 'acl-entries',
        text: `SELECT ${entriesOf('m.id', '$2')} AS acl FROM mail.mailbox m WHERE m.id = $1`,
        values: [mailbox, identifiers],
      }),
    attempt,
  );
  return row === null ? null : (row.acl ?? {});
}

/** The whole ACL but its owner. */
export async function readAcl(access: Access, mailbox: MailboxId, attempt: Attempt): Promise<AclEntries> {
  const found = await access.read(
    (c) =>
      rows<{ identifier: string; rights: string }>(c, {
        name: 'acl-read',
        text: 'SELECT identifier, rights FROM mail.acl WHERE mailbox = $1 ORDER BY identifier COLLATE "C"',
        values: [mailbox],
      }),
    attempt,
  );
  return Object.fromEntries(found.map(({ identifier, rights }) => [identifier, rights]));
}

const entriesOf = (mailbox: string, identifiers: string): string => `
  (SELECT json_object_agg(a.identifier, a.rights) FROM mail.acl a
    WHERE a.mailbox = ${mailbox} AND a.identifier = ANY(${identifiers}::text[]))`;

/** By the index of identifiers: what others have, and have not granted, is not looked at. */
export async function listGranted(access: Access, request: ListGranted, attempt: Attempt): Promise<GrantedPage> {
  const found = await access.read(
    (c) =>
      rows<GrantedRow>(c, {
        name: 'acl-list',
        text: `SELECT ${mailboxColumns}, g.acl, g.more FROM (${grantedText}) g JOIN mail.mailbox m ON m.id = g.id
          ORDER BY m.owner COLLATE "C", m.name COLLATE "C"`,
        values: [request.user, request.identifiers, request.most],
      }),
    attempt,
  );
  return pageOf(found);
}

/** The same and what the user has, by one statement: LIST costs no more than without other people's mailboxes. */
export async function listAccessible(access: Access, request: ListGranted, attempt: Attempt): Promise<Accessible> {
  const found = await access.read(
    (c) =>
      rows<ListedRow & { acl: AclEntries | null }>(c, {
        name: 'acl-list-all',
        text: `SELECT own.*, NULL::json AS acl, false AS more FROM (${ownListingText}) own
          UNION ALL SELECT ${mailboxColumns}, m.name, false, g.acl, g.more FROM (${grantedText}) g JOIN mail.mailbox m ON m.id = g.id`,
        values: [request.user, request.identifiers, request.most],
      }),
    attempt,
  );
  const own = listingsOf(found.filter(({ acl }) => acl === null));
  const granted = found.filter((row): row is ListedRow & GrantedRow => row.acl !== null);
  return { own, ...pageOf(granted) };
}

/**
 * $1 the user, $2 identifiers, $3 how many. A mailbox that only loses rights by them is none that was granted. What is granted to
 * everybody, however much, leaves room for what is granted by name, or to a group.
 */
const grantedText = `
  SELECT b.id, json_object_agg(a.identifier, a.rights) AS acl, count(*) OVER () > $3 AS more
  FROM mail.acl a JOIN mail.mailbox b ON b.id = a.mailbox
  WHERE a.identifier = ANY($2::text[]) AND b.owner <> $1
  GROUP BY b.id HAVING bool_or(NOT starts_with(a.identifier, '-') AND strpos(a.rights, 'l') > 0)
  ORDER BY bool_or(a.identifier <> 'anyone' AND NOT starts_with(a.identifier, '-') AND strpos(a.rights, 'l') > 0) DESC, b.owner COLLATE "C", b.name COLLATE "C"
  LIMIT $3`;

export async function changeAcl(access: Access, request: ChangeAcl, attempt: Attempt): Promise<ChangeAclOutcome> {
  return await withOutcome(access.mutate<ChangeAclOutcome>(request.operation, (tx) => changeIn(tx, request), attempt));
}

/** Alone with the ACL: who changes one entry locks the mailbox. */
async function changeIn(
  tx: Connection,
  { mailbox, identifier, mode, rights, most }: ChangeAcl,
): Promise<ChangeAclOutcome> {
  if ((await lockMailbox(tx, mailbox)).length === 0) return { kind: 'gone' };
  const { entries, had } = await onlyRow<{ entries: number; had: string }>(tx, {
    name: 'acl-entry',
    text: `SELECT count(*)::float8 AS entries, coalesce(max(rights) FILTER (WHERE identifier = $2), '') AS had
      FROM mail.acl WHERE mailbox = $1`,
    values: [mailbox, identifier],
  });
  const now = changedRights(had, mode, rights);
  if (now === had) return { kind: 'changed' };
  if (had === '' && entries >= most) rollBackWith({ kind: 'tooMany' });
  await rows(tx, {
    name: now === '' ? 'acl-remove' : 'acl-write',
    text:
      now === ''
        ? 'DELETE FROM mail.acl WHERE mailbox = $1 AND identifier = $2'
        : `INSERT INTO mail.acl (mailbox, identifier, rights) VALUES ($1, $2, $3) ON CONFLICT (mailbox, identifier)
          DO UPDATE SET rights = excluded.rights, modified_at = clock_timestamp()`,
    values: now === '' ? [mailbox, identifier] : [mailbox, identifier, now],
  });
  return { kind: 'changed' };
}
