import type { RepositoryAccess } from '../../routing/repository-access.ts';
import { SqlStore, type StoreEngine } from '../sql-store.ts';
import type { StoreLimits } from '../store-limits.ts';
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
import { insertSignatures } from './messages/insert-signatures.ts';
import { replace } from './messages/replace.ts';
import { selectChunks } from './messages/select-chunks.ts';
import { selectContent } from './messages/select-content.ts';
import { storeFlags } from './messages/store-flags.ts';
import { changeAccount, deletedOctets, findQuota } from './quota.ts';
import { readerTools } from './readers/reader-tools.ts';
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

const engine: StoreEngine<Connection> = {
  append,
  changeAccount,
  changeAcl,
  claimRecent,
  copy,
  createAccount,
  createMailbox,
  deleteMailbox,
  deletedOctets,
  expunge,
  findAccount,
  findGranted,
  findMailbox,
  findQuota,
  forgetUser,
  insertSignatures,
  keepScramKeys,
  listAccessible,
  listAccounts,
  listGranted,
  listMailboxes,
  loadChanges,
  loadExpunges,
  loadView,
  newestOf,
  readAcl,
  readAnnotations,
  readEntries,
  readers: readerTools,
  removeAccount,
  renameMailbox,
  replace,
  selectChunks,
  selectContent,
  setPassword,
  stageStatements,
  storeFlags,
  subscribe,
  watchDigests,
  watchedAnnotations,
  watchedMailboxes,
  watchedMailboxesById,
  watchedSubscriptions,
  writeAnnotations,
};

/** The mail of one MariaDB or MySQL repository. What it does is a file each of this folder. */
export class MysqlStore extends SqlStore<Connection> {
  constructor(access: RepositoryAccess<Connection>, limits?: StoreLimits) {
    super(access, engine, limits);
  }
}
