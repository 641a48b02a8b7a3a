import { DEFAULT_MIME_LIMITS, type MimeLimits } from '../mime/limits.ts';
import type { Attempt, RepositoryAccess } from '../routing/repository-access.ts';
import type { Account } from './account-store.ts';
import type { FoundMailbox } from './mailbox-state.ts';
import { readMessages, type SelectContent } from './messages/read-messages.ts';
import { readRaw, type SelectChunks } from './messages/read-raw.ts';
import { type StageStatements, stage } from './messages/stage.ts';
import { withdraw } from './messages/withdraw.ts';
import { NO_LIMITS, type Quota, type QuotaLimits } from './quota.ts';
import { appendBy, copyBy, marksAny, replaceBy } from './readers/put-by.ts';
import type { ReaderTools } from './readers/reader-tools.ts';
import { storeFlagsBy } from './readers/store-flags-by.ts';
import { loadChangesBy, loadViewBy, type ViewTools } from './readers/view-by.ts';
import { type InsertSignatures, SignatureQueue } from './signatures/signature-queue.ts';
import type { Signatures } from './signatures/signatures.ts';
import type { Expunges, MailboxChanges, Store } from './store.ts';
import type { StoreLimits } from './store-limits.ts';
import type { MailboxId, ModSeq, OperationId, Uid } from './types.ts';

/** A method of `Store` as a function of the access; `L`: what else it is told. */
type Told<C, M extends keyof Store, L = unknown> =
  Parameters<Store[M]> extends [...infer Asked, Attempt]
    ? (access: RepositoryAccess<C>, ...args: [...Within<Asked, L>, Attempt]) => ReturnType<Store[M]>
    : never;
/** What is asked for, with the limits of the cluster in it. */
type Within<Asked extends unknown[], L> = unknown extends L ? Asked : [Asked[0] & L];
type Asked<C, Request, Answer> = (access: RepositoryAccess<C>, request: Request, attempt: Attempt) => Promise<Answer>;

/** For whoever has none of his own. */
type Limits = { readonly limits: QuotaLimits };
/** Of a user's annotations; null: as many as there is room for. */
type Octets = { readonly octets: number | null };
type InMailbox = { readonly mailbox: MailboxId };

/** What an engine brings: each a file of its folder. `C` is its connection. */
export type StoreEngine<C> = {
  readonly listMailboxes: Told<C, 'listMailboxes'>;
  readonly deletedOctets: Told<C, 'deletedOctets'>;
  readonly deleteMailbox: Told<C, 'deleteMailbox'>;
  readonly subscribe: Told<C, 'subscribe'>;
  readonly readAnnotations: Told<C, 'readAnnotations'>;
  readonly listGranted: Told<C, 'listGranted'>;
  readonly listAccessible: Told<C, 'listAccessible'>;
  readonly readEntries: Told<C, 'readEntries'>;
  readonly readAcl: Told<C, 'readAcl'>;
  readonly changeAcl: Told<C, 'changeAcl'>;
  readonly loadView: Told<C, 'loadView'>;
  readonly newestOf: Told<C, 'newestOf'>;
  readonly watchDigests: Told<C, 'watchDigests'>;
  readonly watchedMailboxes: Told<C, 'watchedMailboxes'>;
  readonly watchedMailboxesById: Told<C, 'watchedMailboxesById'>;
  readonly watchedSubscriptions: Told<C, 'watchedSubscriptions'>;
  readonly watchedAnnotations: Told<C, 'watchedAnnotations'>;
  readonly storeFlags: Told<C, 'storeFlags'>;
  readonly expunge: Told<C, 'expunge'>;
  readonly changeAccount: Told<C, 'changeAccount'>;
  readonly createAccount: Told<C, 'createAccount'>;
  readonly setPassword: Told<C, 'setPassword'>;
  readonly keepScramKeys: Told<C, 'keepScramKeys'>;
  readonly removeAccount: Told<C, 'removeAccount'>;
  readonly forgetUser: Told<C, 'forgetUser'>;
  readonly createMailbox: Told<C, 'createMailbox', Limits>;
  readonly findGranted: Told<C, 'findGranted', Limits>;
  readonly append: Told<C, 'append', Limits>;
  readonly replace: Told<C, 'replace', Limits>;
  readonly copy: Told<C, 'copy', Limits>;
  readonly renameMailbox: Told<C, 'renameMailbox', Limits & Octets>;
  readonly writeAnnotations: Told<C, 'writeAnnotations', Octets>;
  readonly findMailbox: Asked<C, Limits & { readonly owner: string; readonly name: string }, FoundMailbox | null>;
  readonly findQuota: Asked<C, Limits & { readonly owner: string }, Quota | null>;
  readonly findAccount: Asked<C, Limits & { readonly name: string }, Account | null>;
  readonly listAccounts: Asked<C, QuotaLimits, readonly Account[]>;
  readonly loadChanges: Asked<C, InMailbox & { readonly since: ModSeq }, MailboxChanges | null>;
  readonly loadExpunges: Asked<C, InMailbox & { readonly since: ModSeq }, Expunges | null>;
  readonly claimRecent: Asked<C, InMailbox & { readonly operation: OperationId }, Uid>;
  readonly readers: ReaderTools<C>;
  readonly stageStatements: StageStatements<C>;
  readonly selectContent: SelectContent<C>;
  readonly selectChunks: SelectChunks<C>;
  readonly insertSignatures: InsertSignatures<C>;
};

/** The mail of one repository in SQL. Here the functions of its engine meet their access, and the limits of the cluster. */
export class SqlStore<C> implements Store {
  readonly #access: RepositoryAccess<C>;
  readonly #engine: StoreEngine<C>;
  readonly #mime: MimeLimits;
  readonly #limits: QuotaLimits;
  readonly #octets: number | null;
  readonly #signatures: Signatures | null;

  constructor(
    access: RepositoryAccess<C>,
    engine: StoreEngine<C>,
    { mime = DEFAULT_MIME_LIMITS, limits = NO_LIMITS, annotationOctets = null, ...kept }: StoreLimits = {},
  ) {
    this.#access = access;
    this.#engine = engine;
    this.#mime = mime;
    this.#limits = limits;
    this.#octets = annotationOctets;
    const { searchSignatures, onSignaturesDropped: onDropped = () => undefined } = kept;
    const insert = engine.insertSignatures;
    this.#signatures = searchSignatures === true ? new SignatureQueue({ access, insert, onDropped }) : null;
  }

  get #readerTools(): { readonly access: RepositoryAccess<C>; readonly tools: ReaderTools<C> } {
    return { access: this.#access, tools: this.#engine.readers };
  }

  get #viewTools(): ViewTools<C> {
    return { ...this.#readerTools, loadView: this.loadView, loadChanges: this.loadChanges };
  }

  signatures: Store['signatures'] = () => this.#signatures;

  listMailboxes: Store['listMailboxes'] = (owner, attempt) => this.#engine.listMailboxes(this.#access, owner, attempt);
  findMailbox: Store['findMailbox'] = (owner, name, attempt) =>
    this.#engine.findMailbox(this.#access, { owner, name, limits: this.#limits }, attempt);
  findQuota: Store['findQuota'] = (owner, attempt) =>
    this.#engine.findQuota(this.#access, { owner, limits: this.#limits }, attempt);
  deletedOctets: Store['deletedOctets'] = (mailboxes, attempt) =>
    this.#engine.deletedOctets(this.#access, mailboxes, attempt);
  createMailbox: Store['createMailbox'] = (request, attempt) =>
    this.#engine.createMailbox(this.#access, { ...request, limits: this.#limits }, attempt);
  deleteMailbox: Store['deleteMailbox'] = (request, attempt) =>
    this.#engine.deleteMailbox(this.#access, request, attempt);
  renameMailbox: Store['renameMailbox'] = (request, attempt) =>
    this.#engine.renameMailbox(this.#access, { ...request, limits: this.#limits, octets: this.#octets }, attempt);
  subscribe: Store['subscribe'] = (request, attempt) => this.#engine.subscribe(this.#access, request, attempt);

  readAnnotations: Store['readAnnotations'] = (request, attempt) =>
    this.#engine.readAnnotations(this.#access, request, attempt);
  writeAnnotations: Store['writeAnnotations'] = (request, attempt) =>
    this.#engine.writeAnnotations(this.#access, { ...request, octets: this.#octets }, attempt);

  findGranted: Store['findGranted'] = (request, attempt) =>
    this.#engine.findGranted(this.#access, { ...request, limits: this.#limits }, attempt);
  listGranted: Store['listGranted'] = (request, attempt) => this.#engine.listGranted(this.#access, request, attempt);
  listAccessible: Store['listAccessible'] = (request, attempt) =>
    this.#engine.listAccessible(this.#access, request, attempt);
  readEntries: Store['readEntries'] = (request, attempt) => this.#engine.readEntries(this.#access, request, attempt);
  readAcl: Store['readAcl'] = (mailbox, attempt) => this.#engine.readAcl(this.#access, mailbox, attempt);
  changeAcl: Store['changeAcl'] = (request, attempt) => this.#engine.changeAcl(this.#access, request, attempt);

  loadView: Store['loadView'] = (mailbox, attempt) => this.#engine.loadView(this.#access, mailbox, attempt);
  loadChanges: Store['loadChanges'] = (mailbox, since, attempt) =>
    this.#engine.loadChanges(this.#access, { mailbox, since }, attempt);
  loadViewBy: Store['loadViewBy'] = (by, attempt) => loadViewBy(this.#viewTools, by, attempt);
  loadChangesBy: Store['loadChangesBy'] = (request, attempt) => loadChangesBy(this.#viewTools, request, attempt);
  countUnseen: Store['countUnseen'] = (request, attempt) =>
    this.#access.read((c) => this.#engine.readers.countUnseen(c, request), attempt);
  loadExpunges: Store['loadExpunges'] = (mailbox, since, attempt) =>
    this.#engine.loadExpunges(this.#access, { mailbox, since }, attempt);
  newestOf: Store['newestOf'] = (mailboxes, attempt) => this.#engine.newestOf(this.#access, mailboxes, attempt);
  watchDigests: Store['watchDigests'] = (request, attempt) => this.#engine.watchDigests(this.#access, request, attempt);
  watchedMailboxes: Store['watchedMailboxes'] = (request, attempt) =>
    this.#engine.watchedMailboxes(this.#access, request, attempt);
  watchedMailboxesById: Store['watchedMailboxesById'] = (request, attempt) =>
    this.#engine.watchedMailboxesById(this.#access, request, attempt);
  watchedSubscriptions: Store['watchedSubscriptions'] = (owner, attempt) =>
    this.#engine.watchedSubscriptions(this.#access, owner, attempt);
  watchedAnnotations: Store['watchedAnnotations'] = (owner, attempt) =>
    this.#engine.watchedAnnotations(this.#access, owner, attempt);
  claimRecent: Store['claimRecent'] = (mailbox, operation, attempt) =>
    this.#engine.claimRecent(this.#access, { mailbox, operation }, attempt);

  append: Store['append'] = (asked, attempt) => {
    const request = { ...asked, limits: this.#limits };
    const { reader } = request;
    return reader !== undefined && marksAny(request)
      ? appendBy(this.#readerTools, { ...request, reader }, attempt)
      : this.#engine.append(this.#access, request, attempt);
  };
  withdraw: Store['withdraw'] = (request, attempt) =>
    withdraw({ access: this.#access, expunge: this.expunge }, request, attempt);
  storeFlags: Store['storeFlags'] = (request, attempt) => {
    const { reader } = request;
    return reader === undefined
      ? this.#engine.storeFlags(this.#access, request, attempt)
      : storeFlagsBy(this.#readerTools, { ...request, reader }, attempt);
  };
  expunge: Store['expunge'] = (request, attempt) => this.#engine.expunge(this.#access, request, attempt);
  replace: Store['replace'] = (asked, attempt) => {
    const request = { ...asked, limits: this.#limits };
    const { reader } = request;
    return reader === undefined
      ? this.#engine.replace(this.#access, request, attempt)
      : replaceBy(this.#readerTools, { ...request, reader }, attempt);
  };
  copy: Store['copy'] = (asked, attempt) => {
    const request = { ...asked, limits: this.#limits };
    return request.readers === undefined
      ? this.#engine.copy(this.#access, request, attempt)
      : copyBy(this.#readerTools, request, attempt);
  };

  stage: Store['stage'] = (source, request, attempt) => {
    const tools = { access: this.#access, statements: this.#engine.stageStatements, mime: this.#mime };
    return stage(tools, source, { request, attempt });
  };
  readMessages: Store['readMessages'] = (request, attempt) =>
    readMessages({ access: this.#access, select: this.#engine.selectContent }, request, attempt);
  readRaw: Store['readRaw'] = (range, attempt) =>
    readRaw({ access: this.#access, select: this.#engine.selectChunks }, range, attempt);

  findAccount: Store['findAccount'] = (name, attempt) =>
    this.#engine.findAccount(this.#access, { name, limits: this.#limits }, attempt);
  listAccounts: Store['listAccounts'] = (attempt) => this.#engine.listAccounts(this.#access, this.#limits, attempt);
  changeAccount: Store['changeAccount'] = (request, attempt) =>
    this.#engine.changeAccount(this.#access, request, attempt);
  createAccount: Store['createAccount'] = (request, attempt) =>
    this.#engine.createAccount(this.#access, request, attempt);
  setPassword: Store['setPassword'] = (request, attempt) => this.#engine.setPassword(this.#access, request, attempt);
  keepScramKeys: Store['keepScramKeys'] = (request, attempt) =>
    this.#engine.keepScramKeys(this.#access, request, attempt);
  removeAccount: Store['removeAccount'] = (request, attempt) =>
    this.#engine.removeAccount(this.#access, request, attempt);
  forgetUser: Store['forgetUser'] = (request, attempt) => this.#engine.forgetUser(this.#access, request, attempt);
}
