// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { Account, CreateAccount, SetPassword } from '../account-store.ts';
import type { QuotaLimits } from '../quota.ts';
import type { OperationId } from '../types.ts';
import type { Connection } from './connection.ts';

type Access = RepositoryAccess<Connection>;

export async function createAccount(
  access: Access,
  request: CreateAccount,
  attempt: Attempt,
): Promise<{ readonly kind: 'created' } | { readonly kind: 'exists' }> {
  throw new Error('createAccount: not written yet');
}

export async function findAccount(
  access: Access,
  { name, limits }: { readonly name: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<Account | null> {
  throw new Error('findAccount: not written yet');
}

export async function forgetUser(
  access: Access,
  { operation, name }: { readonly operation: OperationId; readonly name: string },
  attempt: Attempt,
): Promise<void> {
  throw new Error('forgetUser: not written yet');
}

export async function keepScramKeys(
  access: Access,
  request: SetPassword & { readonly scramKeys: string },
  attempt: Attempt,
): Promise<{ readonly kind: 'kept' } | { readonly kind: 'missing' }> {
  throw new Error('keepScramKeys: not written yet');
}

export async function listAccounts(access: Access, limits: QuotaLimits, attempt: Attempt): Promise<readonly Account[]> {
  throw new Error('listAccounts: not written yet');
}

export async function removeAccount(
  access: Access,
  request: { readonly operation: OperationId; readonly name: string },
  attempt: Attempt,
): Promise<{ readonly kind: 'removed' } | { readonly kind: 'missing' }> {
  throw new Error('removeAccount: not written yet');
}

export async function setPassword(
  access: Access,
  request: SetPassword,
  attempt: Attempt,
): Promise<{ readonly kind: 'changed' } | { readonly kind: 'missing' }> {
  throw new Error('setPassword: not written yet');
}
