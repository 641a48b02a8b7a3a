import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { ALL_FLAGS } from '../messages/copy.ts';
import type { StoredFlags } from '../messages/flag-change.ts';
import type { FlagsRefused } from '../messages/store-flags.ts';
import { readUids, writeUids } from '../messages/uid-ranges.ts';
import type { StoreFlags, StoreOutcome } from '../store.ts';
import type { FlagChange, MessageRows, ModSeq, Uid } from '../types.ts';
import { modSeqsOf, type ReadBy, SEEN, seenBy, seenOf, uidsOf } from './marks.ts';
import { marksAmong } from './marks-among.ts';
import type { ReaderTools } from './reader-tools.ts';

type Request = StoreFlags & ReadBy;
type Tools<C> = { readonly access: RepositoryAccess<C>; readonly tools: ReaderTools<C> };

/** STORE by a reader who has \Seen of his own: all other flags are everybody's. One mod-sequence, unless nothing else changes. */
export async function storeFlagsBy<C>(
  { access, tools }: Tools<C>,
  request: Request,
  attempt: Attempt,
): Promise<StoreOutcome> {
  const outcome = await access.mutate(request.operation, (tx) => change(tx, tools, request), attempt);
  if (outcome.kind !== 'stored') return outcome;
  const rows = await access.read((c) => rowsOf(c, tools, request), attempt);
  return { ...outcome, rows, modified: readUids(outcome.modified) };
}

async function change<C>(tx: C, tools: ReaderTools<C>, request: Request): Promise<StoredFlags | FlagsRefused> {
  const { mailbox, reader, unchangedSince } = request;
  const [locked] = await tools.lockMailbox(tx, mailbox);
  if (locked === undefined) return { kind: 'gone' };
  const { everybodys, readers } = await read(tx, tools, request);
  const isModified = (modSeq: number): boolean => unchangedSince !== null && modSeq > unchangedSince;
  const all = uidsOf(readers);
  const modified = all.filter((_, i) => isModified(readers.modSeqs[i] ?? 0));
  const uids = all.filter((_, i) => !isModified(readers.modSeqs[i] ?? 0));
  const rest = { ...request, uids, unchangedSince: null, change: withoutSeen(request.change) };
  const changed = await tools.changeFlags(tx, rest);
  if ('kind' in changed) return changed;
  const seen = wantedSeen(request.change);
  const have = new Set(seenOf(readers));
  const differing = seen === null ? [] : uids.filter((uid) => have.has(uid) !== seen);
  const { keywords, modSeq } = changed.stored;
  const stored = { kind: 'stored', keywords, modified: writeUids(modified) } as const;
  if (seen === null || differing.length === 0) return { ...stored, modSeq };
  const mine = hasChanged(everybodys, changed.rows) ? modSeq : await tools.nextModSeq(tx, mailbox);
  await tools.mark(tx, { mailbox, reader, uids: differing, seen, modSeq: mine });
  return { ...stored, modSeq: mine };
}

type Rows = { readonly everybodys: MessageRows; readonly readers: MessageRows };

async function read<C>(c: C, tools: ReaderTools<C>, { mailbox, reader, uids }: Request): Promise<Rows> {
  const everybodys = await tools.readRows(c, { mailbox, uids });
  const marks = await marksAmong(c, tools, { mailbox, reader, uids });
  return { everybodys, readers: seenBy(everybodys, marks) };
}

const rowsOf = async <C>(c: C, tools: ReaderTools<C>, request: Request): Promise<MessageRows> =>
  (await read(c, tools, request)).readers;

/** What is everybody's of a change. */
export function withoutSeen({ mode, system, keywords, within }: FlagChange): FlagChange {
  const rest = { mode, system: system & ~SEEN, keywords };
  if (mode !== 'replace') return rest;
  return { ...rest, within: { system: (within?.system ?? ALL_FLAGS) & ~SEEN, keywords: within?.keywords ?? true } };
}

/** Whether \Seen shall be set or cleared; null: it stays as it is. */
export function wantedSeen({ mode, system, within }: FlagChange): boolean | null {
  const named = (system & SEEN) !== 0;
  if (mode === 'replace') return ((within?.system ?? ALL_FLAGS) & SEEN) === 0 ? null : named;
  if (!named) return null;
  return mode === 'add';
}

/** Has a message another mod-sequence than before? */
function hasChanged(before: MessageRows, after: MessageRows): boolean {
  const known = modSeqsOf(before);
  return uidsOf(after).some((uid: Uid, i) => known.get(uid) !== (after.modSeqs[i] as ModSeq));
}
