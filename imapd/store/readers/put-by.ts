import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { type AppendRefused, appendOutcome, type LimitedAppend } from '../messages/append.ts';
import { ALL_FLAGS, type CopyRefused, copyIn, type LimitedCopy } from '../messages/copy.ts';
import { type LimitedReplace, replaceIn } from '../messages/replace.ts';
import type { StoredAppend } from '../messages/stored-append.ts';
import { copiedOf, type StoredCopy } from '../messages/stored-copy.ts';
import { withOutcome } from '../operations/outcome.ts';
import type { AppendOutcome, CopyOutcome, ReplaceOutcome } from '../store.ts';
import type { InitialFlags, MailboxId, Uid } from '../types.ts';
import { type ReadBy, SEEN, seenBy, seenOf } from './marks.ts';
import { marksAmong } from './marks-among.ts';
import type { ReaderTools } from './reader-tools.ts';

type Tools<C> = { readonly access: RepositoryAccess<C>; readonly tools: ReaderTools<C> };

const isSeen = ({ flags }: { readonly flags: InitialFlags }): boolean => (flags.system & SEEN) !== 0;
const unseen = <M extends { readonly flags: InitialFlags }>(message: M): M => ({
  ...message,
  flags: { ...message.flags, system: message.flags.system & ~SEEN },
});

/** Does an APPEND by this reader need more than everybody's? */
export const marksAny = ({ reader, messages }: LimitedAppend): boolean => reader !== undefined && messages.some(isSeen);

/** APPEND by a reader: with \Seen for him alone. */
export async function appendBy<C>(
  { access, tools }: Tools<C>,
  request: LimitedAppend & { readonly reader: string },
  attempt: Attempt,
): Promise<AppendOutcome> {
  const { operation, messages, reader } = request;
  const work = async (tx: C): Promise<StoredAppend> => {
    const appended = await tools.appendTo(tx, request, { ...request, messages: messages.map(unseen) });
    const { mailbox, firstUid, modSeq } = appended;
    const uids = messages.flatMap((message, i) => (isSeen(message) ? [(firstUid + i) as Uid] : []));
    await tools.mark(tx, { mailbox, reader, uids, seen: true, modSeq });
    return appended;
  };
  const stored = await withOutcome<StoredAppend | AppendRefused>(access.mutate(operation, work, attempt));
  return appendOutcome(stored, messages.length);
}

/** COPY and MOVE where the reader of one of the mailboxes has \Seen of his own: the copies have what the originals have for him. */
export async function copyBy<C>(
  { access, tools }: Tools<C>,
  request: LimitedCopy,
  attempt: Attempt,
): Promise<CopyOutcome> {
  const { operation, keep } = request;
  const work = async (tx: C): Promise<StoredCopy | CopyRefused> => {
    await tools.copying.lockPair(tx, request);
    const seen = await seenIn(tx, tools, request);
    const system = keep?.system ?? ALL_FLAGS;
    const shared = { ...request, keep: { system: system & ~SEEN, keywords: keep?.keywords ?? true } };
    const stored = await copyIn(tools.copying, tx, shared);
    if (stored.kind === 'copied' && (system & SEEN) !== 0) await markCopies(tx, tools, { request, stored, seen });
    return stored;
  };
  const outcome = await withOutcome<StoredCopy | CopyRefused>(access.mutate(operation, work, attempt));
  return outcome.kind === 'copied' ? copiedOf(outcome) : outcome;
}

/** What the one who copies has seen of the originals. */
async function seenIn<C>(tx: C, tools: ReaderTools<C>, { from, uids, readers }: LimitedCopy): Promise<Set<Uid>> {
  const rows = await tools.readRows(tx, { mailbox: from, uids });
  const reader = readers?.from ?? null;
  if (reader === null) return new Set(seenOf(rows));
  return new Set(seenOf(seenBy(rows, await marksAmong(tx, tools, { mailbox: from, reader, uids }))));
}

async function markCopies<C>(
  tx: C,
  tools: ReaderTools<C>,
  {
    request: { operation, readers },
    stored,
    seen,
  }: { readonly request: LimitedCopy; readonly stored: StoredCopy; readonly seen: ReadonlySet<Uid> },
): Promise<void> {
  const copied = copiedOf(stored);
  if (copied.kind !== 'copied') return;
  const { mailbox, source, target } = copied;
  const uids = target.filter((_, i) => seen.has(source[i] ?? (0 as Uid)));
  if (uids.length === 0) return;
  const reader = readers?.to ?? null;
  if (reader !== null) await markNew(tx, tools, { mailbox, reader, uids });
  else {
    const change = { mode: 'add', system: SEEN, keywords: [] } as const;
    await tools.changeFlags(tx, { operation, mailbox, uids, change, unchangedSince: null });
  }
}

/** REPLACE by a reader: with \Seen for him alone. */
export async function replaceBy<C>(
  { access, tools }: Tools<C>,
  request: LimitedReplace & { readonly reader: string },
  attempt: Attempt,
): Promise<ReplaceOutcome> {
  const { operation, message, reader } = request;
  const work = async (tx: C): Promise<ReplaceOutcome> => {
    const outcome = await replaceIn(tools.replacing, tx, { ...request, message: unseen(message) });
    if (outcome.kind !== 'replaced' || !isSeen(message)) return outcome;
    await markNew(tx, tools, { mailbox: outcome.mailbox, reader, uids: [outcome.uid] });
    return outcome;
  };
  return await withOutcome(access.mutate(operation, work, attempt));
}

async function markNew<C>(
  tx: C,
  { nextModSeq, mark }: ReaderTools<C>,
  marked: ReadBy & { readonly mailbox: MailboxId; readonly uids: readonly Uid[] },
): Promise<void> {
  await mark(tx, { ...marked, seen: true, modSeq: await nextModSeq(tx, marked.mailbox) });
}
