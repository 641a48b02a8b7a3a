import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { LockedMailbox } from '../../mailboxes/locked-mailbox.ts';
import { rollBackWith, withOutcome } from '../../operations/outcome.ts';
import { parentsOf } from '../../parents-of.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { Named, Only, RenameOutcome } from '../../store.ts';
import type { MailboxId, Uid } from '../../types.ts';
import { copyAnnotations } from '../annotations.ts';
import { type Connection, firstRow, onlyRow, rows } from '../connection.ts';
import { copyLocked } from '../messages/copy.ts';
import { saveKeywords } from '../messages/save-keywords.ts';
import { lockOwner } from '../operations/lock-owner.ts';
import { readNumbers } from '../view/packed-rows.ts';
import { insertMailboxes, isTooMany } from './create-mailbox.ts';
import { lockPair } from './lock-mailbox.ts';

type Rename = Named & Only & { readonly to: string; readonly limits: QuotaLimits; readonly octets: number | null };
const UNIQUE_VIOLATION = '23505';

/** RENAME with children, ids and UIDVALIDITY kept; from INBOX the messages move and INBOX stays, empty (RFC 3501 6.3.5). */
export async function renameMailbox(
  access: RepositoryAccess<Connection>,
  request: Rename,
  attempt: Attempt,
): Promise<RenameOutcome> {
  const work = request.name === 'INBOX' ? renameInbox : renameTree;
  return await withOutcome(access.mutate<RenameOutcome>(request.operation, (tx) => work(tx, request), attempt));
}

async function renameTree(tx: Connection, { owner, name, to, limits, only }: Rename): Promise<RenameOutcome> {
  await lockOwner(tx, owner);
  const tree = await rows<{ id: MailboxId; name: string }>(tx, {
    name: 'mailbox-lock-tree',
    text: `SELECT id, name FROM mail.mailbox WHERE owner = $1 AND (name = $2 OR starts_with(name, $2 || '/'))
      ORDER BY id FOR UPDATE`,
    values: [owner, name],
  });
  if (tree.length === 0) return { kind: 'missing' };
  if (only !== undefined && !tree.some((each) => each.id === only && each.name === name)) return { kind: 'missing' };
  // Into itself: a becomes a/b, and a has to go on existing as a parent of it.
  if (await isTaken(tx, owner, to)) return { kind: 'exists' };
  try {
    await rows(tx, {
      name: 'mailbox-rename-tree',
      text: `UPDATE mail.mailbox SET name = $3 || substr(name, length($2) + 1)
        WHERE owner = $1 AND (name = $2 OR starts_with(name, $2 || '/'))`,
      values: [owner, name, to],
    });
  } catch (cause) {
    if ((cause as { code?: string }).code === UNIQUE_VIOLATION) rollBackWith({ kind: 'exists' });
    throw cause;
  }
  await makeMissing(tx, owner, { names: parentsOf(to), limits });
  return { kind: 'renamed', mailboxes: tree.map(({ id }) => id) };
}

async function renameInbox(tx: Connection, request: Rename): Promise<RenameOutcome> {
  const { owner, name, to, limits } = request;
  await lockOwner(tx, owner);
  if (await isTaken(tx, owner, to)) return { kind: 'exists' };
  const inbox = await firstRow<{ id: MailboxId }>(tx, {
    name: 'inbox-lock',
    // Before the new mailboxes: they lock the owner's usage, which comes behind mailboxes.
    text: 'SELECT id FROM mail.mailbox WHERE owner = $1 AND name = $2 FOR UPDATE',
    values: [owner, name],
  });
  if (inbox === null) return { kind: 'missing' };
  await makeMissing(tx, owner, { names: [...parentsOf(to), to], limits });
  const locked = await lockPair(tx, { from: inbox.id, owner, to });
  await moveEverything(tx, { ...request, from: inbox.id, locked });
  return { kind: 'renamed', mailboxes: [inbox.id] };
}

async function moveEverything(
  tx: Connection,
  {
    operation,
    from,
    locked,
    to,
    owner,
    octets,
  }: Rename & {
    readonly from: MailboxId;
    readonly locked: readonly LockedMailbox[];
  },
): Promise<void> {
  const source = locked.find((mailbox) => mailbox.id === from);
  const target = locked.find((mailbox) => mailbox.name === to);
  if (source === undefined || target === undefined) throw new Error('a mailbox that was just made is not there');
  // The new mailbox takes over the keywords whole, so bits keep their meaning.
  await saveKeywords(tx, target.id, { keywords: source.keywords, bits: [], grown: source.keywords.length > 0 });
  const all = await onlyRow<{ count: number; uids: string | null }>(tx, {
    name: 'message-uids',
    text: `SELECT count(*)::float8 AS count, array_agg(uid)::text AS uids
      FROM (SELECT uid FROM mail.message WHERE mailbox = $1 ORDER BY uid) ordered`,
    values: [from],
  });
  const uids = [...readNumbers(all.uids, new Uint32Array(all.count))] as Uid[];
  if (!(await copyAnnotations(tx, { from, to: target.id, owner, octets }))) rollBackWith({ kind: 'overQuota' });
  await copyLocked(tx, { operation, from, to: target, uids, move: true, mapping: null, limits: null });
}

const isTaken = async (tx: Connection, owner: string, name: string): Promise<boolean> =>
  (await firstRow(tx, {
    name: 'mailbox-taken',
    text: 'SELECT 1 FROM mail.mailbox WHERE owner = $1 AND name = $2',
    values: [owner, name],
  })) !== null;

async function makeMissing(
  tx: Connection,
  owner: string,
  wanted: { readonly names: readonly string[]; readonly limits: QuotaLimits },
): Promise<void> {
  if (wanted.names.length === 0) return;
  if (await isTooMany(tx, owner, wanted)) rollBackWith({ kind: 'overQuota' });
  await insertMailboxes(
    tx,
    owner,
    wanted.names.map((name) => ({ name, specialUse: [] })),
  );
}
