import { randomUUIDv7 } from 'node:crypto';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { CreateAccount } from '../account-store.ts';
import type { ReadMessages, StageRequest } from '../content-store.ts';
import type { AppendMessage, CopyMessages, CreateMailbox, Expunge, Named, Store, StoreFlags } from '../store.ts';
import type { ContentId, MailboxId, ModSeq, OperationId } from '../types.ts';
import { createAccount, findAccount, listAccounts, removeAccount, setPassword } from './accounts.ts';
import { append } from './append.ts';
import { highestModSeqs, loadChanges } from './changes.ts';
import type { Connection } from './connection.ts';
import { copy } from './copy.ts';
import { createMailbox } from './create-mailbox.ts';
import { deleteMailbox } from './delete-mailbox.ts';
import { expunge } from './expunge.ts';
import { findMailbox, listMailboxes, subscribe } from './list-mailboxes.ts';
import { readMessages } from './read-messages.ts';
import { type RawRange, readRaw } from './read-raw.ts';
import { claimRecent } from './recent.ts';
import { renameMailbox } from './rename-mailbox.ts';
import { stage } from './stage.ts';
import { storeFlags } from './store-flags.ts';
import { loadView } from './view.ts';

/** The mail of one PostgreSQL repository. Every method is a file of this folder; here they only meet their connection. */
export class PostgresStore implements Store {
  readonly #access: RepositoryAccess<Connection>;

  constructor(access: RepositoryAccess<Connection>) {
    this.#access = access;
  }

  listMailboxes = (owner: string, attempt: Attempt) => listMailboxes(this.#access, owner, attempt);
  findMailbox = (owner: string, name: string, attempt: Attempt) => findMailbox(this.#access, { owner, name }, attempt);
  createMailbox = (request: CreateMailbox, attempt: Attempt) => createMailbox(this.#access, request, attempt);
  deleteMailbox = (request: Named, attempt: Attempt) => deleteMailbox(this.#access, request, attempt);
  renameMailbox = (request: Named & { readonly to: string }, attempt: Attempt) =>
    renameMailbox(this.#access, request, attempt);
  subscribe = (request: Named & { readonly subscribed: boolean }, attempt: Attempt) =>
    subscribe(this.#access, request, attempt);

  loadView = (mailbox: MailboxId, attempt: Attempt) => loadView(this.#access, mailbox, attempt);
  loadChanges = (mailbox: MailboxId, since: ModSeq, attempt: Attempt) =>
    loadChanges(this.#access, { mailbox, since }, attempt);
  highestModSeqs = (mailboxes: readonly MailboxId[], attempt: Attempt) =>
    highestModSeqs(this.#access, mailboxes, attempt);
  claimRecent = (mailbox: MailboxId, operation: OperationId, attempt: Attempt) =>
    claimRecent(this.#access, { mailbox, operation }, attempt);

  append = (request: AppendMessage, attempt: Attempt) => append(this.#access, request, attempt);
  storeFlags = (request: StoreFlags, attempt: Attempt) => storeFlags(this.#access, request, attempt);
  expunge = (request: Expunge, attempt: Attempt) => expunge(this.#access, request, attempt);
  copy = (request: CopyMessages, attempt: Attempt) => copy(this.#access, request, attempt);

  stage = (source: AsyncIterable<Buffer>, request: StageRequest, attempt: Attempt) => {
    // 74 random bits behind the time: nobody meets it again, and the indexes grow at one end.
    const newContentId = () => randomUUIDv7() as ContentId;
    return stage({ access: this.#access, newContentId }, source, { request, attempt });
  };
  readMessages = (request: ReadMessages, attempt: Attempt) => readMessages(this.#access, request, attempt);
  readRaw = (range: RawRange, attempt: Attempt) => readRaw(this.#access, range, attempt);

  findAccount = (name: string, attempt: Attempt) => findAccount(this.#access, name, attempt);
  listAccounts = (attempt: Attempt) => listAccounts(this.#access, attempt);
  createAccount = (request: CreateAccount, attempt: Attempt) => createAccount(this.#access, request, attempt);
  setPassword = (request: Parameters<Store['setPassword']>[0], attempt: Attempt) =>
    setPassword(this.#access, request, attempt);
  removeAccount = (request: Parameters<Store['removeAccount']>[0], attempt: Attempt) =>
    removeAccount(this.#access, request, attempt);
}
