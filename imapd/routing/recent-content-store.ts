import { setImmediate } from 'node:timers/promises';
import type { ChangeAccount, CreateAccount, SetPassword } from '../store/account-store.ts';
import type { ChangeAcl, FindGranted, ListGranted } from '../store/acl.ts';
import type { ReadAnnotations, WriteAnnotations } from '../store/annotations.ts';
import {
  ContentCorrupt,
  type MessageContent,
  type ReadAhead,
  type ReadMessages,
  type StageRequest,
} from '../store/content-store.ts';
import type { ReadBy } from '../store/readers/marks.ts';
import type { SignatureNote, Signatures } from '../store/signatures/signatures.ts';
import type {
  AppendMessage,
  AppendOutcome,
  CopyMessages,
  CopyOutcome,
  CreateMailbox,
  Expunge,
  Named,
  NewMessage,
  Only,
  ReplaceMessage,
  ReplaceOutcome,
  Store,
  StoreFlags,
  Withdraw,
} from '../store/store.ts';
import type { MailboxId, ModSeq, OperationId, Uid } from '../store/types.ts';
import type { AheadContent } from './ahead-content.ts';
import type { ListedContent } from './listed-content.ts';
import type { RecentContent } from './recent-content.ts';
import type { Attempt } from './repository-access.ts';

/** A request for more messages than this is no look at what has just come in: the replicas answer it. */
const LOOKED_UP = 100;
/** Messages that are looked up in memory at once. */
const BATCH = 1_000;

/** `keeps`: what is read is worth being kept. */
type Reading = { readonly attempt: Attempt; readonly keeps: boolean };

export type RecentContentStoreOptions = {
  readonly recent: RecentContent;
  readonly listed: ListedContent;
  readonly ahead: AheadContent;
  readonly epoch: () => number;
  /** Content was answered out of the memory of this process. */
  readonly onHit: (bytes: number) => void;
  /** A search has looked at signatures. */
  readonly onSignatures: (note: SignatureNote) => void;
};

/**
 * A store that remembers young content: what this process has just appended, and what it has fetched while no replica had
 * it yet. The sessions that IDLE on a mailbox all fetch a new message at once; the primary is asked for it once at most.
 */
export class RecentContentStore implements Store {
  readonly #inner: Store;
  readonly #options: RecentContentStoreOptions;

  readonly #signatures: Signatures | null;

  constructor(inner: Store, options: RecentContentStoreOptions) {
    this.#inner = inner;
    this.#options = options;
    const signatures = inner.signatures();
    this.#signatures = signatures && {
      note(mailbox, note) {
        options.onSignatures(note);
        signatures.note(mailbox, note);
      },
    };
  }

  async append(request: AppendMessage, attempt: Attempt): Promise<AppendOutcome> {
    const watched = new WatchedAttempt(attempt);
    const outcome = await this.#inner.append(request, watched.attempt);
    if (outcome.kind !== 'appended' || watched.repeated) return outcome;
    for (const [i, message] of request.messages.entries()) {
      const uid = outcome.uids[i];
      if (uid !== undefined) this.#remember(outcome.mailbox, uid, message);
    }
    return outcome;
  }

  async replace(request: ReplaceMessage, attempt: Attempt): Promise<ReplaceOutcome> {
    const watched = new WatchedAttempt(attempt);
    const outcome = await this.#inner.replace(request, watched.attempt);
    if (outcome.kind !== 'replaced' || watched.repeated) return outcome;
    this.#remember(outcome.mailbox, outcome.uid, request.message);
    return outcome;
  }

  #remember(mailbox: MailboxId, uid: Uid, { staged, internalDate }: NewMessage): void {
    if (staged.inline === null) return;
    const { raw, analysis } = staged.inline;
    const { size, headerBlock: header, envelope, body, bodyStructure } = analysis;
    const octets = { header, envelope, body, bodyStructure, raw, contentHash: staged.hash };
    this.#recent().put(mailbox, { uid, internalDate, size, ...octets });
  }

  /** Looks up some at a time: what a slow reader has not taken yet may be forgotten meanwhile, and the process does something else. */
  async *readMessages(request: ReadMessages, attempt: Attempt): AsyncGenerator<readonly MessageContent[]> {
    const { ahead, ...alone } = request;
    yield* ahead === undefined ? this.#readEach(alone, attempt) : this.#readWalking(alone, ahead, attempt);
  }

  async *#readEach(request: ReadMessages, attempt: Attempt): AsyncGenerator<readonly MessageContent[]> {
    const inRecent = request.learntAt !== undefined || request.uids.length <= LOOKED_UP;
    const reading = { attempt, keeps: this.#listed().wants(request) };
    const unknown: Uid[] = [];
    for (let at = 0; at < request.uids.length; at += BATCH) {
      const uids = request.uids.slice(at, at + BATCH);
      const known = this.#lookUp({ ...request, uids }, inRecent);
      if (known.length === 0) {
        unknown.push(...uids);
        continue;
      }
      if (at > 0) await setImmediate();
      // One request for all of it: each asks a database.
      if (unknown.length > 0) yield* this.#readAndRemember({ ...request, uids: unknown.splice(0) }, reading);
      yield* this.#readAmong(known, { ...request, uids }, reading);
    }
    if (unknown.length > 0) yield* this.#readAndRemember({ ...request, uids: unknown }, reading);
  }

  /** One message of a walk: with those behind it, where it was not read with one before it. */
  async *#readWalking(
    request: ReadMessages,
    walk: ReadAhead,
    attempt: Attempt,
  ): AsyncGenerator<readonly MessageContent[]> {
    const known = this.#lookUp(request, true);
    const [uid] = request.uids;
    if (known.length > 0 || uid === undefined) {
      yield known;
      return;
    }
    const { ahead, epoch, onHit } = this.#options;
    const kept = ahead.take(walk.until, { ...request, uid, epoch: epoch() });
    if (kept !== null) {
      onHit(kept.raw?.length ?? 0);
      yield [kept];
      return;
    }
    const uids = [uid, ...walk.next(ahead.room(walk.until))];
    const read = uids.length === 1 ? null : await this.#readAhead({ ...request, uids }, walk, attempt);
    if (read === null) yield* this.#readEach(request, attempt);
    else yield read.filter((message) => message.uid === uid);
  }

  /** The first of them, and as many behind it as come with it, which are kept; null where one of them keeps the others from being read. */
  async #readAhead(
    request: ReadMessages,
    walk: ReadAhead,
    attempt: Attempt,
  ): Promise<readonly MessageContent[] | null> {
    const { ahead, epoch } = this.#options;
    const before = epoch();
    const keeps = this.#listed().wants(request);
    try {
      for await (const batch of this.#readAndRemember(request, { attempt, keeps })) {
        if (!keeps && before === epoch()) ahead.put(walk.until, batch, before);
        return batch;
      }
      return [];
    } catch (error) {
      if (error instanceof ContentCorrupt) return null;
      throw error;
    }
  }

  /** Those that are not known, and `known` between them. */
  async *#readAmong(
    known: MessageContent[],
    request: ReadMessages,
    reading: Reading,
  ): AsyncGenerator<readonly MessageContent[]> {
    if (known.length < request.uids.length) {
      const found = new Set(known.map(({ uid }) => uid));
      const uids = request.uids.filter((uid) => !found.has(uid));
      for await (const batch of this.#readAndRemember({ ...request, uids }, reading)) yield merge(known, batch);
    }
    if (known.length > 0) yield known;
  }

  /** What is young no replica has yet: it is worth remembering. So is what is small. */
  async *#readAndRemember(
    request: ReadMessages,
    { attempt, keeps }: Reading,
  ): AsyncGenerator<readonly MessageContent[]> {
    const recent = this.#recent();
    const listed = this.#listed();
    const epoch = this.#options.epoch();
    for await (const batch of this.#inner.readMessages(request, attempt)) {
      if (request.learntAt !== undefined) for (const message of batch) recent.put(request.mailbox, message);
      // Read under an epoch that is over, it may be what the new one has lost.
      if (keeps && epoch === this.#options.epoch()) listed.put(request.mailbox, batch);
      yield batch;
    }
  }

  async *readRaw(request: Parameters<Store['readRaw']>[0], attempt: Attempt): AsyncGenerator<Buffer> {
    const raw = this.#recent().get(request.mailbox, request.uid, { fields: new Set(['raw']) })?.raw;
    if (raw === undefined) {
      yield* this.#inner.readRaw(request, attempt);
      return;
    }
    const part = raw.subarray(request.offset, request.offset + request.length);
    this.#options.onHit(part.length);
    yield part;
  }

  /** A copy has the content of its original, but for when it was saved (RFC 8514, 3). */
  async copy(request: CopyMessages, attempt: Attempt): Promise<CopyOutcome> {
    const outcome = await this.#inner.copy(request, attempt);
    if (outcome.kind !== 'copied') return outcome;
    const recent = this.#recent();
    for (const [i, source] of outcome.source.entries()) {
      const uid = outcome.target[i];
      const original = recent.get(request.from, source, { fields: new Set() });
      if (uid === undefined || original === null) continue;
      const { savedAt: _, ...content } = original;
      recent.put(outcome.mailbox, { ...content, uid });
    }
    return outcome;
  }

  #recent(): RecentContent {
    const { recent, epoch } = this.#options;
    recent.enter(epoch());
    return recent;
  }

  #listed(): ListedContent {
    const { listed, epoch } = this.#options;
    listed.enter(epoch());
    return listed;
  }

  /** What is known in full, in ascending order of UID. */
  #lookUp(request: ReadMessages, inRecent: boolean): MessageContent[] {
    const found = this.#listed().find(request);
    if (found.length > 0) this.#options.onHit(0);
    if (inRecent) {
      found.push(...this.#lookUpRecent(request, new Set(found.map(({ uid }) => uid))));
    }
    return found.sort((a, b) => a.uid - b.uid);
  }

  #lookUpRecent(request: ReadMessages, known: ReadonlySet<Uid>): MessageContent[] {
    const { onHit } = this.#options;
    const recent = this.#recent();
    const found: MessageContent[] = [];
    for (const uid of request.uids) {
      const content = known.has(uid) ? null : recent.get(request.mailbox, uid, request);
      if (content === null) continue;
      found.push(content);
      onHit(content.raw !== undefined && request.fields.has('raw') ? content.raw.length : 0);
    }
    return found;
  }

  signatures(): Signatures | null {
    return this.#signatures;
  }

  // Everything else is the inner store's.
  stage = (source: AsyncIterable<Buffer>, request: StageRequest, attempt: Attempt) =>
    this.#inner.stage(source, request, attempt);
  listMailboxes = (owner: string, attempt: Attempt) => this.#inner.listMailboxes(owner, attempt);
  findMailbox = (owner: string, name: string, attempt: Attempt) => this.#inner.findMailbox(owner, name, attempt);
  findQuota = (owner: string, attempt: Attempt) => this.#inner.findQuota(owner, attempt);
  deletedOctets = (mailboxes: readonly MailboxId[], attempt: Attempt) => this.#inner.deletedOctets(mailboxes, attempt);
  createMailbox = (request: CreateMailbox, attempt: Attempt) => this.#inner.createMailbox(request, attempt);
  deleteMailbox = (request: Named & Only, attempt: Attempt) => this.#inner.deleteMailbox(request, attempt);
  renameMailbox = (request: Named & Only & { readonly to: string }, attempt: Attempt) =>
    this.#inner.renameMailbox(request, attempt);
  subscribe = (request: Named & { readonly subscribed: boolean }, attempt: Attempt) =>
    this.#inner.subscribe(request, attempt);
  readAnnotations = (request: ReadAnnotations, attempt: Attempt) => this.#inner.readAnnotations(request, attempt);
  writeAnnotations = (request: WriteAnnotations, attempt: Attempt) => this.#inner.writeAnnotations(request, attempt);
  findGranted = (request: FindGranted, attempt: Attempt) => this.#inner.findGranted(request, attempt);
  listGranted = (request: ListGranted, attempt: Attempt) => this.#inner.listGranted(request, attempt);
  listAccessible = (request: ListGranted, attempt: Attempt) => this.#inner.listAccessible(request, attempt);
  readEntries = (request: Parameters<Store['readEntries']>[0], attempt: Attempt) =>
    this.#inner.readEntries(request, attempt);
  readAcl = (mailbox: MailboxId, attempt: Attempt) => this.#inner.readAcl(mailbox, attempt);
  changeAcl = (request: ChangeAcl, attempt: Attempt) => this.#inner.changeAcl(request, attempt);
  loadView = (mailbox: MailboxId, attempt: Attempt) => this.#inner.loadView(mailbox, attempt);
  loadChanges = (mailbox: MailboxId, since: ModSeq, attempt: Attempt) =>
    this.#inner.loadChanges(mailbox, since, attempt);
  loadViewBy = (by: ReadBy, attempt: Attempt) => this.#inner.loadViewBy(by, attempt);
  loadChangesBy = (request: Parameters<Store['loadChangesBy']>[0], attempt: Attempt) =>
    this.#inner.loadChangesBy(request, attempt);
  countUnseen = (request: Parameters<Store['countUnseen']>[0], attempt: Attempt) =>
    this.#inner.countUnseen(request, attempt);
  loadExpunges = (mailbox: MailboxId, since: ModSeq, attempt: Attempt) =>
    this.#inner.loadExpunges(mailbox, since, attempt);
  watchDigests = (request: Parameters<Store['watchDigests']>[0], attempt: Attempt) =>
    this.#inner.watchDigests(request, attempt);
  watchedMailboxes = (request: Parameters<Store['watchedMailboxes']>[0], attempt: Attempt) =>
    this.#inner.watchedMailboxes(request, attempt);
  watchedMailboxesById = (request: Parameters<Store['watchedMailboxesById']>[0], attempt: Attempt) =>
    this.#inner.watchedMailboxesById(request, attempt);
  watchedSubscriptions = (owner: string, attempt: Attempt) => this.#inner.watchedSubscriptions(owner, attempt);
  watchedAnnotations = (owner: string, attempt: Attempt) => this.#inner.watchedAnnotations(owner, attempt);
  newestOf = (mailboxes: readonly MailboxId[], attempt: Attempt) => this.#inner.newestOf(mailboxes, attempt);
  claimRecent = (mailbox: MailboxId, operation: OperationId, attempt: Attempt) =>
    this.#inner.claimRecent(mailbox, operation, attempt);
  withdraw = (request: Withdraw, attempt: Attempt) => this.#inner.withdraw(request, attempt);
  storeFlags = (request: StoreFlags, attempt: Attempt) => this.#inner.storeFlags(request, attempt);
  expunge = (request: Expunge, attempt: Attempt) => this.#inner.expunge(request, attempt);
  findAccount = (name: string, attempt: Attempt) => this.#inner.findAccount(name, attempt);
  listAccounts = (attempt: Attempt) => this.#inner.listAccounts(attempt);
  createAccount = (request: CreateAccount, attempt: Attempt) => this.#inner.createAccount(request, attempt);
  changeAccount = (request: ChangeAccount, attempt: Attempt) => this.#inner.changeAccount(request, attempt);
  setPassword = (request: SetPassword, attempt: Attempt) => this.#inner.setPassword(request, attempt);
  keepScramKeys = (request: Parameters<Store['keepScramKeys']>[0], attempt: Attempt) =>
    this.#inner.keepScramKeys(request, attempt);
  removeAccount = (request: Parameters<Store['removeAccount']>[0], attempt: Attempt) =>
    this.#inner.removeAccount(request, attempt);
  forgetUser = (request: Parameters<Store['forgetUser']>[0], attempt: Attempt) =>
    this.#inner.forgetUser(request, attempt);
}

/** An attempt that notes a repetition: what that brings along need not be what was stored the first time. */
class WatchedAttempt {
  readonly attempt: Attempt;
  #repeated = false;

  constructor(attempt: Attempt) {
    const onRepeated = (): void => {
      this.#repeated = true;
      attempt.onRepeated?.();
    };
    this.attempt = { ...attempt, onRepeated };
  }

  get repeated(): boolean {
    return this.#repeated;
  }
}

/** The batch with what is known of the UIDs before its last one, which is taken out of `known`; both ascend. */
function merge(known: MessageContent[], batch: readonly MessageContent[]): readonly MessageContent[] {
  const last = batch.at(-1)?.uid ?? 0;
  const after = known.findIndex(({ uid }) => uid > last);
  const between = known.splice(0, after === -1 ? known.length : after);
  return between.length === 0 ? batch : [...between, ...batch].sort((a, b) => a.uid - b.uid);
}
