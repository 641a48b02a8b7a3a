import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { isAnother, type LockedMailbox } from '../mailboxes/locked-mailbox.ts';
import { withOutcome } from '../operations/outcome.ts';
import type { QuotaLimits } from '../quota.ts';
import type { CopyMessages, CopyOutcome } from '../store.ts';
import type { MailboxId, OperationId, Uid } from '../types.ts';
import { type KeywordMapping, mapBits, meanTheSame, NO_KEYWORDS } from './keyword-mapping.ts';
import type { KeywordBits } from './keywords.ts';
import { copiedOf, type StoredCopy } from './stored-copy.ts';

export type LimitedCopy = CopyMessages & { readonly limits: QuotaLimits };

/** Of two mailboxes whose rows are locked. */
export type CopyLocked = {
  readonly operation: OperationId;
  readonly from: MailboxId;
  readonly to: LockedMailbox;
  readonly uids: readonly Uid[];
  /** Removes the originals. */
  readonly move: boolean;
  readonly mapping: KeywordMapping;
  readonly keep?: CopyMessages['keep'];
  /** Of the cluster, for an owner without; null: the messages have room already. */
  readonly limits: QuotaLimits | null;
};

export type CopyTools<C> = {
  readonly access: RepositoryAccess<C>;
  /** The mailbox `from` and the one that a client calls `to`, which may be the same; either may be missing. */
  lockPair(
    tx: C,
    pair: { readonly from: string; readonly owner: string; readonly to: string },
  ): Promise<readonly LockedMailbox[]>;
  lockUsage(tx: C, owners: readonly string[]): Promise<void>;
  /** Bits of all keywords that messages of a mailbox have. */
  usedKeywords(tx: C, mailbox: string, uids: readonly Uid[]): Promise<bigint>;
  saveKeywords(tx: C, mailbox: string, bits: KeywordBits): Promise<void>;
  /** @throws an outcome for `withOutcome` where there is no room */
  copyLocked(tx: C, request: CopyLocked): Promise<StoredCopy>;
};

export type CopyRefused = { readonly kind: 'noMailbox' | 'tooManyKeywords' | 'overQuota' };

/** COPY and MOVE within the repository: content is shared, rows are copied by one statement however many. */
export async function copy<C>(tools: CopyTools<C>, request: LimitedCopy, attempt: Attempt): Promise<CopyOutcome> {
  const stored = await withOutcome<StoredCopy | CopyRefused>(
    tools.access.mutate(request.operation, (tx) => copyIn(tools, tx, request), attempt),
  );
  if (stored.kind !== 'copied') return stored;
  return copiedOf(stored);
}

export async function copyIn<C>(
  tools: Omit<CopyTools<C>, 'access'>,
  tx: C,
  request: LimitedCopy,
): Promise<StoredCopy | CopyRefused> {
  const locked = await tools.lockPair(tx, request);
  const from = locked.find((mailbox) => mailbox.id === request.from);
  const to = locked.find((mailbox) => mailbox.owner === request.owner && mailbox.name === request.to);
  if (to === undefined || isAnother(to, request)) return { kind: 'noMailbox' };
  // A source that is gone has no messages, though their rows may still wait for the collector: nothing is copied, which is
  // a success (RFC 9051 6.4.7).
  const uids = from === undefined ? [] : request.uids;
  // Of two owners the usage of both changes, in an order that says nothing of their names.
  if (from !== undefined && from.owner !== to.owner) await tools.lockUsage(tx, [from.owner, to.owner]);
  const mapping = request.keep?.keywords === false ? NO_KEYWORDS : await mapKeywords(tools, tx, { uids, from, to });
  if (mapping === 'full') return { kind: 'tooManyKeywords' };
  // Who moves among mailboxes of one owner needs no more room than before.
  const limits = request.move && from?.owner === to.owner ? null : request.limits;
  return await tools.copyLocked(tx, { ...request, uids, to, mapping, limits });
}

/** Which bits the copies get. Only a source with keywords costs a statement, and only where the bits differ. */
async function mapKeywords<C>(
  { usedKeywords, saveKeywords }: Pick<CopyTools<C>, 'usedKeywords' | 'saveKeywords'>,
  tx: C,
  request: {
    readonly uids: readonly Uid[];
    readonly from: LockedMailbox | undefined;
    readonly to: LockedMailbox;
  },
): Promise<KeywordMapping | 'full'> {
  const { from, to, uids } = request;
  if (from === undefined || meanTheSame(from.keywords, to.keywords)) return null;
  const used = await usedKeywords(tx, from.id, uids);
  const mapped = mapBits({ from: from.keywords, to: to.keywords, used });
  if (mapped === 'full') return 'full';
  await saveKeywords(tx, to.id, mapped.assigned);
  return mapped.mapping;
}

/** Of the column. */
export const ALL_FLAGS = 0x7fff;
