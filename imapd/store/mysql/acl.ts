// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type {
  Accessible,
  AclEntries,
  ChangeAcl,
  ChangeAclOutcome,
  FindGranted,
  FoundGranted,
  GrantedPage,
  ListGranted,
} from '../acl.ts';
import type { QuotaLimits } from '../quota.ts';
import type { MailboxId } from '../types.ts';
import type { Connection } from './connection.ts';

type Access = RepositoryAccess<Connection>;

export async function changeAcl(access: Access, request: ChangeAcl, attempt: Attempt): Promise<ChangeAclOutcome> {
  throw new Error('changeAcl: not written yet');
}

export async function findGranted(
  access: Access,
  { owner, names, identifiers, limits }: FindGranted & { readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<FoundGranted | null> {
  throw new Error('findGranted: not written yet');
}

export async function listAccessible(access: Access, request: ListGranted, attempt: Attempt): Promise<Accessible> {
  throw new Error('listAccessible: not written yet');
}

export async function listGranted(access: Access, request: ListGranted, attempt: Attempt): Promise<GrantedPage> {
  throw new Error('listGranted: not written yet');
}

export async function readAcl(access: Access, mailbox: MailboxId, attempt: Attempt): Promise<AclEntries> {
  throw new Error('readAcl: not written yet');
}

export async function readEntries(
  access: Access,
  { mailbox, identifiers }: { readonly mailbox: MailboxId; readonly identifiers: readonly string[] },
  attempt: Attempt,
): Promise<AclEntries | null> {
  throw new Error('readEntries: not written yet');
}
