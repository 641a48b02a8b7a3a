import type { Attempt } from '../routing/repository-access.ts';
import type { OwnLimits, Quota } from './quota.ts';
import type { OperationId } from './types.ts';

export type Account = {
  /** Canonical user name. */
  readonly name: string;
  /** PHC string of argon2id. */
  readonly passwordHash: string;
  /** For SCRAM-SHA-256, of the same password (`writeScramKeys`); null: none were made of it. */
  readonly scramKeys: string | null;
  readonly createdAt: Date;
  /** May set the limits of others, share with everybody, and do everything in shared namespaces. */
  readonly admin: boolean;
  /** Names of groups, canonical, in order, without `$`. */
  readonly groups: readonly string[];
  readonly ownLimits: OwnLimits;
  readonly quota: Quota;
};

/** Users live in the partition that holds their mailboxes. */
export interface AccountStore {
  /** From the primary, or from a replica while there is none: signing in goes on without a writer. */
  findAccount(name: string, attempt: Attempt): Promise<Account | null>;
  /** From the primary alone: a replica may lag behind, and whoever lists asks who is there, a new user or a last one included. */
  listAccounts(attempt: Attempt): Promise<readonly Account[]>;
  /** Makes the user with INBOX and the mailboxes of RFC 6154 that `mailboxes` names. */
  createAccount(
    request: CreateAccount,
    attempt: Attempt,
  ): Promise<{ readonly kind: 'created' } | { readonly kind: 'exists' }>;
  setPassword(
    request: SetPassword,
    attempt: Attempt,
  ): Promise<{ readonly kind: 'changed' } | { readonly kind: 'missing' }>;
  /** Stores SCRAM keys for the password that `passwordHash` was made of; `missing` where the user has another one by now. */
  keepScramKeys(
    request: SetPassword & { readonly scramKeys: string },
    attempt: Attempt,
  ): Promise<{ readonly kind: 'kept' } | { readonly kind: 'missing' }>;
  /** Changes what is named, and nothing else. */
  changeAccount(
    request: ChangeAccount,
    attempt: Attempt,
  ): Promise<{ readonly kind: 'changed' } | { readonly kind: 'missing' }>;
  /** Removes the user and every mailbox; content is collected later. */
  removeAccount(
    request: { readonly operation: OperationId; readonly name: string },
    attempt: Attempt,
  ): Promise<{ readonly kind: 'removed' } | { readonly kind: 'missing' }>;
  /** Removes what mailboxes of others say of a user: rights, private annotations. A later user of the name must not find them. */
  forgetUser(request: { readonly operation: OperationId; readonly name: string }, attempt: Attempt): Promise<void>;
}

export type CreateAccount = {
  readonly operation: OperationId;
  readonly name: string;
  readonly passwordHash: string;
  /** See `Account`. Absent: none. */
  readonly scramKeys?: string | null;
  readonly mailboxes: readonly { readonly name: string; readonly specialUse: readonly string[] }[];
  /** Absent: those of the cluster. */
  readonly limits?: Partial<OwnLimits> | undefined;
  readonly admin?: boolean | undefined;
  /** Absent: as they are, or none. */
  readonly groups?: readonly string[] | undefined;
};

export type ChangeAccount = {
  readonly operation: OperationId;
  readonly name: string;
  readonly limits?: Partial<OwnLimits> | undefined;
  readonly admin?: boolean | undefined;
  /** Absent: as they are, or none. */
  readonly groups?: readonly string[] | undefined;
};

export type SetPassword = {
  readonly operation: OperationId;
  readonly name: string;
  readonly passwordHash: string;
  /** See `Account`. Absent: none, and those of the password before are void. */
  readonly scramKeys?: string | null;
};
