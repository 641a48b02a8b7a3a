// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxId } from '../../types.ts';
import type { WatchDigest, WatchedAnnotation, WatchedMailboxState } from '../../watched.ts';
import type { Connection } from '../connection.ts';

export async function watchDigests(
  access: RepositoryAccess<Connection>,
  { owners, annotated }: { readonly owners: readonly string[]; readonly annotated: readonly string[] },
  attempt: Attempt,
): Promise<ReadonlyMap<string, WatchDigest>> {
  throw new Error('watchDigests: not written yet');
}

export async function watchedAnnotations(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly WatchedAnnotation[]> {
  throw new Error('watchedAnnotations: not written yet');
}

export async function watchedMailboxes(
  access: RepositoryAccess<Connection>,
  { owner, buckets }: { readonly owner: string; readonly buckets: readonly number[] },
  attempt: Attempt,
): Promise<readonly WatchedMailboxState[]> {
  throw new Error('watchedMailboxes: not written yet');
}

export async function watchedMailboxesById(
  access: RepositoryAccess<Connection>,
  { owner, mailboxes }: { readonly owner: string; readonly mailboxes: readonly MailboxId[] },
  attempt: Attempt,
): Promise<readonly WatchedMailboxState[]> {
  throw new Error('watchedMailboxesById: not written yet');
}

export async function watchedSubscriptions(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly string[]> {
  throw new Error('watchedSubscriptions: not written yet');
}
