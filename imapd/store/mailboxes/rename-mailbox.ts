import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { CopyLocked } from '../messages/copy.ts';
import type { KeywordBits } from '../messages/keywords.ts';
import { rollBackWith, withOutcome } from '../operations/outcome.ts';
import { parentsOf } from '../parents-of.ts';
import type { QuotaLimits } from '../quota.ts';
import type { Named, Only, RenameOutcome } from '../store.ts';
import type { MailboxId, Uid } from '../types.ts';
import type { LockedMailbox } from './locked-mailbox.ts';

/** `octets`: of annotations, that a user may have. */
export type Rename = Named &
  Only & { readonly to: string; readonly limits: QuotaLimits; readonly octets: number | null };

type Names = { readonly owner: string; readonly name: string; readonly to: string };

export type RenameTools<C> = {
  readonly access: RepositoryAccess<C>;
  /**
   * Locks the owner, whose names then stay as they are, and finds the mailbox `name` and those below it. `taken`: there is one
   * called `to`.
   */
  findTree(
    tx: C,
    names: Names,
  ): Promise<{ readonly tree: readonly { readonly id: MailboxId; readonly name: string }[]; readonly taken: boolean }>;
  /** Locks these ascending by id, if that is not done. @throws an outcome for `withOutcome` where one of their new names is taken */
  moveTree(tx: C, tree: readonly MailboxId[], names: Names): Promise<void>;
  /** The same of INBOX, and locks it: before the new mailboxes, which lock the owner's usage, and that comes behind mailboxes. */
  findInbox(tx: C, names: Names): Promise<{ readonly inbox: MailboxId | null; readonly taken: boolean }>;
  isTooMany(
    tx: C,
    owner: string,
    wanted: { readonly names: readonly string[]; readonly limits: QuotaLimits },
  ): Promise<boolean>;
  insertMailboxes(
    tx: C,
    owner: string,
    mailboxes: readonly { readonly name: string; readonly specialUse: readonly string[] }[],
  ): Promise<unknown>;
  lockPair(
    tx: C,
    pair: { readonly from: string; readonly owner: string; readonly to: string },
  ): Promise<readonly LockedMailbox[]>;
  saveKeywords(tx: C, mailbox: string, bits: KeywordBits): Promise<void>;
  allUids(tx: C, mailbox: MailboxId): Promise<readonly Uid[]>;
  /** false: more than the owner may have. */
  copyAnnotations(
    tx: C,
    copied: { readonly from: MailboxId; readonly to: string; readonly owner: string; readonly octets: number | null },
  ): Promise<boolean>;
  copyLocked(tx: C, request: CopyLocked): Promise<unknown>;
};

/** RENAME with children, ids and UIDVALIDITY kept; from INBOX the messages move and INBOX stays, empty (RFC 3501 6.3.5). */
export async function renameMailbox<C>(
  tools: RenameTools<C>,
  request: Rename,
  attempt: Attempt,
): Promise<RenameOutcome> {
  const work = request.name === 'INBOX' ? renameInbox : renameTree;
  return await withOutcome(
    tools.access.mutate<RenameOutcome>(request.operation, (tx) => work(tools, tx, request), attempt),
  );
}

async function renameTree<C>(tools: RenameTools<C>, tx: C, request: Rename): Promise<RenameOutcome> {
  const { owner, name, to, limits, only } = request;
  const { tree, taken } = await tools.findTree(tx, request);
  if (tree.length === 0) return { kind: 'missing' };
  if (only !== undefined && !tree.some((each) => each.id === only && each.name === name)) return { kind: 'missing' };
  if (taken) return { kind: 'exists' };
  const mailboxes = tree.map(({ id }) => id);
  await tools.moveTree(tx, mailboxes, request);
  // Into itself: a becomes a/b, and a has to go on existing as a parent of it.
  await makeMissing(tools, tx, { owner, names: parentsOf(to), limits });
  return { kind: 'renamed', mailboxes };
}

async function renameInbox<C>(tools: RenameTools<C>, tx: C, request: Rename): Promise<RenameOutcome> {
  const { owner, to, limits } = request;
  const { inbox, taken } = await tools.findInbox(tx, request);
  if (taken) return { kind: 'exists' };
  if (inbox === null) return { kind: 'missing' };
  await makeMissing(tools, tx, { owner, names: [...parentsOf(to), to], limits });
  await moveEverything(tools, tx, { ...request, from: inbox });
  return { kind: 'renamed', mailboxes: [inbox] };
}

async function moveEverything<C>(
  tools: RenameTools<C>,
  tx: C,
  { operation, from, to, owner, octets }: Rename & { readonly from: MailboxId },
): Promise<void> {
  const locked = await tools.lockPair(tx, { from, owner, to });
  const source = locked.find((mailbox) => mailbox.id === from);
  const target = locked.find((mailbox) => mailbox.name === to);
  if (source === undefined || target === undefined) throw new Error('a mailbox that was just made is not there');
  // The new mailbox takes over the keywords whole, so bits keep their meaning.
  const { keywords } = source;
  await tools.saveKeywords(tx, target.id, { keywords, bits: [], grown: keywords.length > 0 });
  const uids = await tools.allUids(tx, from);
  if (!(await tools.copyAnnotations(tx, { from, to: target.id, owner, octets }))) rollBackWith({ kind: 'overQuota' });
  await tools.copyLocked(tx, { operation, from, to: target, uids, move: true, mapping: null, limits: null });
}

async function makeMissing<C>(
  tools: RenameTools<C>,
  tx: C,
  { owner, ...wanted }: { readonly owner: string; readonly names: readonly string[]; readonly limits: QuotaLimits },
): Promise<void> {
  if (wanted.names.length === 0) return;
  if (await tools.isTooMany(tx, owner, wanted)) rollBackWith({ kind: 'overQuota' });
  await tools.insertMailboxes(
    tx,
    owner,
    wanted.names.map((name) => ({ name, specialUse: [] })),
  );
}
