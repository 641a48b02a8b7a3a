import { DEFAULT_MIME_LIMITS, type MimeLimits } from '../../mime/limits.ts';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { ChangeAccount, CreateAccount, SetPassword } from '../account-store.ts';
import type { ChangeAcl, FindGranted, ListGranted } from '../acl.ts';
import type { ReadAnnotations, WriteAnnotations } from '../annotations.ts';
import type { ReadMessages, StageRequest } from '../content-store.ts';
import { readMessages } from '../messages/read-messages.ts';
import { type RawRange, readRaw } from '../messages/read-raw.ts';
import { stage } from '../messages/stage.ts';
import { withdraw } from '../messages/withdraw.ts';
import { NO_LIMITS, type QuotaLimits } from '../quota.ts';
import type {
  AppendMessage,
  CopyMessages,
  CreateMailbox,
  Expunge,
  Named,
  Only,
  ReplaceMessage,
  Store,
  StoreFlags,
  Withdraw,
} from '../store.ts';
import type { StoreLimits } from '../store-limits.ts';
import type { MailboxId, ModSeq, OperationId } from '../types.ts';
import {
  createAccount,
  findAccount,
  forgetUser,
  keepScramKeys,
  listAccounts,
  removeAccount,
  setPassword,
} from './accounts.ts';
import { changeAcl, findGranted, listAccessible, listGranted, readAcl, readEntries } from './acl.ts';
import { readAnnotations, writeAnnotations } from './annotations.ts';
import type { Connection } from './connection.ts';
import { createMailbox } from './mailboxes/create-mailbox.ts';
import { deleteMailbox } from './mailboxes/delete-mailbox.ts';
import { findMailbox, listMailboxes, subscribe } from './mailboxes/list-mailboxes.ts';
import { renameMailbox } from './mailboxes/rename-mailbox.ts';
import { append } from './messages/append.ts';
import { copy } from './messages/copy.ts';
import { expunge } from './messages/expunge.ts';
import { stageStatements } from './messages/insert-content.ts';
import { replace } from './messages/replace.ts';
import { selectChunks } from './messages/select-chunks.ts';
import { selectContent } from './messages/select-content.ts';
import { storeFlags } from './messages/store-flags.ts';
import { changeAccount, deletedOctets, findQuota } from './quota.ts';
import { loadChanges, newestOf } from './view/changes.ts';
import { loadExpunges } from './view/expunges.ts';
import { claimRecent } from './view/recent.ts';
import { loadView } from './view/view.ts';
import {
  watchDigests,
  watchedAnnotations,
  watchedMailboxes,
  watchedMailboxesById,
  watchedSubscriptions,
} from './view/watched.ts';

/** The mail of one MariaDB or MySQL repository. Every method is a file of this folder; here they only meet their connection. */
export class MysqlStore implements Store {
  readonly #access: RepositoryAccess<Connection>;
  readonly #mime: MimeLimits;
  /** For users who have none of their own. */
  readonly #limits: QuotaLimits;
  /** Octets of a user's annotations. */
  readonly #annotationOctets: number | null;

  constructor(
    access: RepositoryAccess<Connection>,
    { mime = DEFAULT_MIME_LIMITS, limits = NO_LIMITS, annotationOctets = null }: StoreLimits = {},
  ) {
    this.#access = access;
    this.#mime = mime;
    this.#limits = limits;
    this.#annotationOctets = annotationOctets;
  }

  listMailboxes = (owner: string, attempt: Attempt) => listMailboxes(this.#access, owner, attempt);
  findMailbox = (owner: string, name: string, attempt: Attempt) =>
    findMailbox(this.#access, { owner, name, limits: this.#limits }, attempt);
  findQuota = (owner: string, attempt: Attempt) => findQuota(this.#access, { owner, limits: this.#limits }, attempt);
  deletedOctets = (mailboxes: readonly MailboxId[], attempt: Attempt) =>
    deletedOctets(this.#access, mailboxes, attempt);
  createMailbox = (request: CreateMailbox, attempt: Attempt) =>
    createMailbox(this.#access, { ...request, limits: this.#limits }, attempt);
  deleteMailbox = (request: Named & Only, attempt: Attempt) => deleteMailbox(this.#access, request, attempt);
  renameMailbox = (request: Named & Only & { readonly to: string }, attempt: Attempt) =>
    renameMailbox(this.#access, { ...request, limits: this.#limits, octets: this.#annotationOctets }, attempt);
  subscribe = (request: Named & { readonly subscribed: boolean }, attempt: Attempt) =>
    subscribe(this.#access, request, attempt);

  readAnnotations = (request: ReadAnnotations, attempt: Attempt) => readAnnotations(this.#access, request, attempt);
  writeAnnotations = (request: WriteAnnotations, attempt: Attempt) =>
    writeAnnotations(this.#access, { ...request, octets: this.#annotationOctets }, attempt);

  findGranted = (request: FindGranted, attempt: Attempt) =>
    findGranted(this.#access, { ...request, limits: this.#limits }, attempt);
  listGranted = (request: ListGranted, attempt: Attempt) => listGranted(this.#access, request, attempt);
  listAccessible = (request: ListGranted, attempt: Attempt) => listAccessible(this.#access, request, attempt);
  readEntries = (request: Parameters<Store['readEntries']>[0], attempt: Attempt) =>
    readEntries(this.#access, request, attempt);
  readAcl = (mailbox: MailboxId, attempt: Attempt) => readAcl(this.#access, mailbox, attempt);
  changeAcl = (request: ChangeAcl, attempt: Attempt) => changeAcl(this.#access, request, attempt);

  loadView = (mailbox: MailboxId, attempt: Attempt) => loadView(this.#access, mailbox, attempt);
  loadChanges = (mailbox: MailboxId, since: ModSeq, attempt: Attempt) =>
    loadChanges(this.#access, { mailbox, since }, attempt);
  loadExpunges = (mailbox: MailboxId, since: ModSeq, attempt: Attempt) =>
    loadExpunges(this.#access, { mailbox, since }, attempt);
  newestOf = (mailboxes: readonly MailboxId[], attempt: Attempt) => newestOf(this.#access, mailboxes, attempt);
  watchDigests = (request: Parameters<Store['watchDigests']>[0], attempt: Attempt) =>
    watchDigests(this.#access, request, attempt);
  watchedMailboxes = (request: Parameters<Store['watchedMailboxes']>[0], attempt: Attempt) =>
    watchedMailboxes(this.#access, request, attempt);
  watchedMailboxesById = (request: Parameters<Store['watchedMailboxesById']>[0], attempt: Attempt) =>
    watchedMailboxesById(this.#access, request, attempt);
  watchedSubscriptions = (owner: string, attempt: Attempt) => watchedSubscriptions(this.#access, owner, attempt);
  watchedAnnotations = (owner: string, attempt: Attempt) => watchedAnnotations(this.#access, owner, attempt);
  claimRecent = (mailbox: MailboxId, operation: OperationId, attempt: Attempt) =>
    claimRecent(this.#access, { mailbox, operation }, attempt);

  append = (request: AppendMessage, attempt: Attempt) =>
    append(this.#access, { ...request, limits: this.#limits }, attempt);
  withdraw = (request: Withdraw, attempt: Attempt) =>
    withdraw({ access: this.#access, expunge: this.expunge }, request, attempt);
  storeFlags = (request: StoreFlags, attempt: Attempt) => storeFlags(this.#access, request, attempt);
  expunge = (request: Expunge, attempt: Attempt) => expunge(this.#access, request, attempt);
  replace = (request: ReplaceMessage, attempt: Attempt) =>
    replace(this.#access, { ...request, limits: this.#limits }, attempt);
  copy = (request: CopyMessages, attempt: Attempt) => copy(this.#access, { ...request, limits: this.#limits }, attempt);

  stage = (source: AsyncIterable<Buffer>, request: StageRequest, attempt: Attempt) => {
    const tools = { access: this.#access, statements: stageStatements, mime: this.#mime };
    return stage(tools, source, { request, attempt });
  };
  readMessages = (request: ReadMessages, attempt: Attempt) =>
    readMessages({ access: this.#access, select: selectContent }, request, attempt);
  readRaw = (range: RawRange, attempt: Attempt) =>
    readRaw({ access: this.#access, select: selectChunks }, range, attempt);

  findAccount = (name: string, attempt: Attempt) => findAccount(this.#access, { name, limits: this.#limits }, attempt);
  listAccounts = (attempt: Attempt) => listAccounts(this.#access, this.#limits, attempt);
  changeAccount = (request: ChangeAccount, attempt: Attempt) => changeAccount(this.#access, request, attempt);
  createAccount = (request: CreateAccount, attempt: Attempt) => createAccount(this.#access, request, attempt);
  setPassword = (request: SetPassword, attempt: Attempt) => setPassword(this.#access, request, attempt);
  keepScramKeys = (request: Parameters<Store['keepScramKeys']>[0], attempt: Attempt) =>
    keepScramKeys(this.#access, request, attempt);
  removeAccount = (request: Parameters<Store['removeAccount']>[0], attempt: Attempt) =>
    removeAccount(this.#access, request, attempt);
  forgetUser = (request: Parameters<Store['forgetUser']>[0], attempt: Attempt) =>
    forgetUser(this.#access, request, attempt);
}
