import { onlyPermitted, type PermittedFlags } from '../acl/permitted-flags.ts';
import type { Attempt } from '../routing/repository-access.ts';
import { ContentGone, type MessageContent } from '../store/content-store.ts';
import { derivedOperation } from '../store/postgres/operations/derived-operation.ts';
import type { AppendOutcome, CopyOutcome, NewMessage, Store } from '../store/store.ts';
import type { InitialFlags, MailboxId, ModSeq, OperationId, Uid } from '../store/types.ts';
import { hasKeyword } from './flag-text.ts';
import type { MailboxView } from './mailbox-view.ts';

/** Messages of one transaction. Of small ones the first few are in memory until then (`stage`). */
const MOST_MESSAGES = 200;
const FIELDS = new Set(['internalDate', 'size'] as const);

export type AcrossRequest = {
  readonly operation: OperationId;
  readonly from: { readonly store: Store; readonly view: MailboxView };
  readonly to: { readonly store: Store; readonly owner: string; readonly name: string };
  readonly uids: readonly Uid[];
  readonly permitted: PermittedFlags | null;
  readonly move: boolean;
  /** So many have left the source: what follows may fail. */
  readonly moved: (uids: readonly Uid[], modSeq: ModSeq) => void;
};

type Appended = Extract<AppendOutcome, { readonly kind: 'appended' }>;
type Piece = { readonly uids: readonly Uid[]; readonly messages: readonly NewMessage[] };

/**
 * COPY and MOVE between two partitions: messages are read from one and written to the other, piece by piece, in bounded memory. COPY
 * is all or nothing (RFC 3501, 6.4.7): what was copied before a refusal is taken back. Of MOVE each message is moved or where it was
 * (RFC 6851, 3.3): it is expunged once its copy is stored, so that one which is interrupted loses nothing.
 */
export async function copyAcross(request: AcrossRequest, attempt: Attempt): Promise<CopyOutcome> {
  const { operation, to, move } = request;
  const { id, highestModSeq } = request.from.view.state;
  const done: { readonly source: readonly Uid[]; readonly target: Appended }[] = [];
  let modSeq = highestModSeq;
  for await (const { uids, messages } of pieces(request, attempt)) {
    const step = derivedOperation(operation, `append ${done.length}`);
    const target = await to.store.append({ operation: step, owner: to.owner, mailbox: to.name, messages }, attempt);
    if (target.kind !== 'appended') {
      if (!move)
        await takeBack(
          request,
          done.map((each) => each.target),
          attempt,
        );
      return target;
    }
    if (move) modSeq = await remove(request, { mailbox: id, uids, step: done.length }, attempt);
    done.push({ source: uids, target });
  }
  const last = done.at(-1)?.target;
  if (last === undefined) return { kind: 'copied', ...NOTHING, mailbox: id, modSeq };
  const source = done.flatMap((each) => each.source);
  const target = done.flatMap((each) => each.target.uids);
  return { kind: 'copied', mailbox: last.mailbox, uidValidity: last.uidValidity, source, target, modSeq };
}

const NOTHING = { uidValidity: 1 as Appended['uidValidity'], source: [], target: [] };

async function remove(
  { operation, from, moved }: AcrossRequest,
  { mailbox, uids, step }: { readonly mailbox: MailboxId; readonly uids: readonly Uid[]; readonly step: number },
  attempt: Attempt,
): Promise<ModSeq> {
  const request = { operation: derivedOperation(operation, `expunge ${step}`), mailbox, uids, onlyDeleted: false };
  const outcome = await from.store.expunge(request, attempt);
  if (outcome.kind === 'gone') return from.view.state.highestModSeq;
  moved(outcome.uids, outcome.modSeq);
  return outcome.modSeq;
}

async function takeBack(
  { operation, to }: AcrossRequest,
  copies: readonly Appended[],
  attempt: Attempt,
): Promise<void> {
  for (const [i, { mailbox, uids }] of copies.entries()) {
    const step = derivedOperation(operation, `take back ${i}`);
    await to.store.expunge({ operation: step, mailbox, uids, onlyDeleted: false }, attempt);
  }
}

/** Messages that are gone by now are left out. */
async function* pieces(request: AcrossRequest, attempt: Attempt): AsyncGenerator<Piece> {
  const { store, view } = request.from;
  let [uids, messages]: [Uid[], NewMessage[]] = [[], []];
  const read = { mailbox: view.state.id, uids: request.uids, fields: FIELDS };
  for await (const batch of store.readMessages(read, attempt)) {
    for (const content of batch) {
      const message = await staged(content, { request, ordinal: messages.length }, attempt);
      if (message === null) continue;
      uids.push(content.uid);
      messages.push(message);
      if (messages.length < MOST_MESSAGES) continue;
      yield { uids, messages };
      [uids, messages] = [[], []];
    }
  }
  if (messages.length > 0) yield { uids, messages };
}

async function staged(
  { uid, size = 0, internalDate = new Date(0) }: MessageContent,
  { request, ordinal }: { readonly request: AcrossRequest; readonly ordinal: number },
  attempt: Attempt,
): Promise<NewMessage | null> {
  const { operation, from, to, permitted } = request;
  const raw = from.store.readRaw({ mailbox: from.view.state.id, uid, offset: 0, length: size }, attempt);
  try {
    const stagedMessage = await to.store.stage(raw, { operation, ordinal }, attempt);
    return { staged: stagedMessage, flags: onlyPermitted(flagsOf(from.view, uid), permitted), internalDate };
  } catch (error) {
    if (error instanceof ContentGone) return null;
    throw error;
  }
}

function flagsOf({ table, state }: MailboxView, uid: Uid): InitialFlags {
  const index = table.indexOf(uid);
  const [low, high] = [table.keywordsLowAt(index), table.keywordsHighAt(index)];
  return {
    system: table.flagsAt(index),
    keywords: state.keywords.filter((_, bit) => hasKeyword(bit, low, high)),
  };
}
