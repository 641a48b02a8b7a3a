import { onlyPermitted, permittedFlags } from '../acl/permitted-flags.ts';
import { appendPlaceOf, type Permitted, type Refused } from '../acl/sharing.ts';
import type { Attempt } from '../routing/repository-access.ts';
import { ContentGone, type MessageContent } from '../store/content-store.ts';
import { derivedOperation } from '../store/operations/derived-operation.ts';
import type { AppendOutcome, AppendPlace, CopyOutcome, NewMessage, Store, Withdraw } from '../store/store.ts';
import type { InitialFlags, ModSeq, OperationId, Uid } from '../store/types.ts';
import { hasKeyword } from './flag-text.ts';
import type { MailboxView } from './mailbox-view.ts';
import { contains } from './sorted-uids.ts';

/** Messages of one transaction. Of small ones the first few are in memory until then (`stage`). */
const MOST_MESSAGES = 200;
const FIELDS = new Set(['internalDate', 'size'] as const);
/** How long what must not stay half done is tried, also where the client is gone: longer than most promotions take. */
const SETTLE_MS = 60_000;
/** And all steps together that take back what one command has copied. */
const TAKE_BACK_MS = 10 * SETTLE_MS;

export type AcrossRequest = {
  readonly operation: OperationId;
  readonly from: {
    readonly store: Store;
    readonly view: MailboxView;
    /** Brings the view up to what the primary has. @throws RepositoryUnavailable */
    readonly catchUp: () => Promise<void>;
  };
  readonly to: Store;
  /** Asked before each piece: it may take minutes until the next one is there. */
  readonly ask: () => Promise<Permitted | Refused>;
  readonly uids: readonly Uid[];
  readonly move: boolean;
  /** So many have left the source. */
  readonly moved: (uids: readonly Uid[], modSeq: ModSeq) => void;
  /** Copies that should not be there could not be taken back. */
  readonly left: (left: Left) => void;
};

/** `messages`: how many copies there may be. */
export type Left = { readonly messages: number; readonly cause: unknown };

export type Copied = Extract<CopyOutcome, { readonly kind: 'copied' }>;
/** Why not everything was done. */
export type Stop =
  | Refused
  | { readonly kind: Exclude<CopyOutcome['kind'], 'copied'> }
  | { readonly kind: 'failed'; readonly cause: unknown };
/** `done`: what is done and stays, also where the rest is not; null: nothing. */
export type AcrossOutcome = { readonly done: Copied | null; readonly stop: Stop | null };

type Appended = Extract<AppendOutcome, { readonly kind: 'appended' }>;
type Staged = Omit<NewMessage, 'flags'> & { readonly uid: Uid };

/**
 * COPY and MOVE between two partitions: messages are read from one and written to the other, piece by piece, in bounded memory. COPY
 * is all or nothing (RFC 3501, 6.4.7): what was copied is taken back, however it ends before the last piece. Of MOVE each message is
 * moved or where it was (RFC 6851, 3.3): it is expunged once its copy is stored, so that one which is interrupted loses nothing.
 */
export async function copyAcross(request: AcrossRequest, attempt: Attempt): Promise<AcrossOutcome> {
  const run = new AcrossRun(request, attempt);
  const stop = await run.carryAll();
  if (stop === null) return { done: run.done, stop };
  await run.takeBack();
  return { done: request.move ? run.done : null, stop };
}

class AcrossRun {
  readonly #request: AcrossRequest;
  readonly #attempt: Attempt;
  #done: Done | null = null;
  /** Appends that must not stay if the command fails: all of COPY, of MOVE the one whose messages are not expunged yet. */
  #open: Withdraw[] = [];
  #steps = 0;

  constructor(request: AcrossRequest, attempt: Attempt) {
    this.#request = request;
    this.#attempt = attempt;
  }

  get done(): Copied | null {
    return this.#done;
  }

  async carryAll(): Promise<Stop | null> {
    try {
      for await (const piece of pieces(this.#request, this.#attempt)) {
        const stop = await this.#carry(piece);
        if (stop !== null) return stop;
      }
      return null;
    } catch (cause) {
      return { kind: 'failed', cause };
    }
  }

  /** Each by itself: what cannot be taken back leaves no more than its own messages. */
  async takeBack(): Promise<void> {
    const { to, left } = this.#request;
    const whole = AbortSignal.timeout(TAKE_BACK_MS);
    const failed: Left[] = [];
    for (const each of this.#open) {
      const own = settling(this.#attempt);
      const signal = AbortSignal.any([own.signal, whole]);
      await to
        .withdraw(each, { ...own, signal })
        .catch((cause: unknown) => failed.push({ messages: each.messages, cause }));
    }
    const [first] = failed;
    if (first === undefined) return;
    left({ messages: failed.reduce((sum, { messages }) => sum + messages, 0), cause: first.cause });
  }

  async #carry(piece: readonly Staged[]): Promise<Stop | null> {
    const { from, to, ask } = this.#request;
    const permitted = await ask();
    if (permitted.kind === 'refused') return permitted;
    const place = this.#placeBy(permitted);
    if (place === null) return { kind: 'noMailbox' };
    // What was expunged, or flagged otherwise, while the messages were carried.
    await from.catchUp();
    const there = piece.filter(({ uid }) => isThere(from.view, uid));
    if (there.length === 0) return null;
    const operation = derivedOperation(this.#request.operation, `append ${this.#steps++}`);
    const step = { operation, messages: there.length };
    this.#open.push(step);
    const allowed = permittedFlags(permitted.rights);
    const messages = there.map(({ uid, ...message }) => ({
      ...message,
      flags: onlyPermitted(flagsOf(from.view, uid), allowed),
    }));
    const target = await to.append({ operation, ...place, messages }, this.#attempt);
    if (target.kind !== 'appended') return target;
    await this.#settle({ source: there.map(({ uid }) => uid), target, step });
    return null;
  }

  /** All pieces go to one mailbox: the one that the first went to. null: another has its name by now. */
  #placeBy(permitted: Permitted): AppendPlace | null {
    const place = appendPlaceOf(permitted);
    const first = this.#done?.mailbox;
    if (first === undefined) return place;
    if ('id' in place) return place.id === first ? place : null;
    return { id: first };
  }

  async #settle({ source, target, step }: Carried): Promise<void> {
    if (!this.#request.move) {
      this.#note({ source, target, copies: target.uids, modSeq: this.#request.from.view.modSeq });
      return;
    }
    const { gone, modSeq } = await this.#remove(source, step);
    const moved = new Set<number>(gone);
    const isMoved = (_: Uid, i: number): boolean => moved.has(source[i] ?? 0);
    this.#note({ source: source.filter(isMoved), target, copies: target.uids.filter(isMoved), modSeq });
    await this.#removeCopies(
      target.uids.filter((uid, i) => !isMoved(uid, i)),
      { target, step },
    );
  }

  /** Of messages with which somebody else was faster: they are not this session's to move. */
  async #removeCopies(uids: readonly Uid[], { target, step }: Omit<Carried, 'source'>): Promise<void> {
    if (uids.length === 0) return;
    const request = { operation: derivedOperation(step.operation, 'not moved'), uids, onlyDeleted: false };
    try {
      await this.#request.to.expunge({ ...request, mailbox: target.mailbox }, settling(this.#attempt));
    } catch (cause) {
      this.#request.left({ messages: uids.length, cause });
      throw cause;
    }
  }

  /** From here on the copies are the messages: not to be taken back, whether the client still is there or not. */
  async #remove(uids: readonly Uid[], step: Withdraw): Promise<{ readonly gone: readonly Uid[]; modSeq: ModSeq }> {
    const { from, moved } = this.#request;
    this.#open = [];
    const request = { operation: derivedOperation(step.operation, 'expunge'), uids, onlyDeleted: false };
    const outcome = await from.store.expunge({ ...request, mailbox: from.view.state.id }, settling(this.#attempt));
    if (outcome.kind === 'gone') return { gone: [], modSeq: from.view.modSeq };
    moved(outcome.uids, outcome.modSeq);
    return { gone: outcome.uids, modSeq: outcome.modSeq };
  }

  #note({ source, target, copies, modSeq }: Noted): void {
    const { mailbox, uidValidity } = target;
    this.#done ??= { kind: 'copied', mailbox, uidValidity, source: [], target: [], modSeq };
    this.#done.source.push(...source);
    this.#done.target.push(...copies);
    this.#done.modSeq = modSeq;
  }
}

/** What grows, piece by piece, into `Copied`. */
type Done = Omit<Copied, 'source' | 'target' | 'modSeq'> & {
  readonly source: Uid[];
  readonly target: Uid[];
  modSeq: ModSeq;
};
type Carried = { readonly source: readonly Uid[]; readonly target: Appended; readonly step: Withdraw };
type Noted = Omit<Carried, 'step'> & { readonly copies: readonly Uid[]; readonly modSeq: ModSeq };

const settling = (attempt: Attempt): Attempt => ({ ...attempt, signal: AbortSignal.timeout(SETTLE_MS) });

/** Messages that are gone by now are left out. */
async function* pieces(request: AcrossRequest, attempt: Attempt): AsyncGenerator<readonly Staged[]> {
  const { store, view } = request.from;
  let messages: Staged[] = [];
  const read = { mailbox: view.state.id, uids: request.uids, fields: FIELDS };
  for await (const batch of store.readMessages(read, attempt)) {
    for (const content of batch) {
      const message = await staged(content, { request, ordinal: messages.length }, attempt);
      if (message === null) continue;
      messages.push(message);
      if (messages.length < MOST_MESSAGES) continue;
      yield messages;
      messages = [];
    }
  }
  if (messages.length > 0) yield messages;
}

async function staged(
  { uid, size = 0, internalDate = new Date(0) }: MessageContent,
  { request, ordinal }: { readonly request: AcrossRequest; readonly ordinal: number },
  attempt: Attempt,
): Promise<Staged | null> {
  const { operation, from, to } = request;
  if (!isThere(from.view, uid)) return null;
  const raw = from.store.readRaw({ mailbox: from.view.state.id, uid, offset: 0, length: size }, attempt);
  try {
    return { uid, internalDate, staged: await to.stage(raw, { operation, ordinal }, attempt) };
  } catch (error) {
    if (error instanceof ContentGone) return null;
    throw error;
  }
}

/** As far as the view knows: a message that is expunged stays in its table until all sessions are told. */
const isThere = ({ table, tombstones }: MailboxView, uid: Uid): boolean =>
  table.indexOf(uid) >= 0 && !contains(tombstones, uid);

function flagsOf({ table, state }: MailboxView, uid: Uid): InitialFlags {
  const index = table.indexOf(uid);
  const [low, high] = [table.keywordsLowAt(index), table.keywordsHighAt(index)];
  return {
    system: table.flagsAt(index),
    keywords: state.keywords.filter((_, bit) => hasKeyword(bit, low, high)),
  };
}
