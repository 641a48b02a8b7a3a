import {
  type AtOnce,
  type Attempt,
  type RepositoryAccess,
  RepositoryUnavailable,
} from '../../routing/repository-access.ts';
import { rollBackWith, withOutcome } from '../operations/outcome.ts';
import type { QuotaLimits } from '../quota.ts';
import type { AppendMessage, AppendOutcome, AppendPlace } from '../store.ts';
import { appendedUids, type StoredAppend } from './stored-append.ts';

export type LimitedAppend = AppendMessage & { readonly limits: QuotaLimits };

/** What is appended. `limits`: of the cluster, for who has none of his own; null: room is somebody else's business. */
export type Appending = Pick<AppendMessage, 'operation' | 'messages'> & { readonly limits: QuotaLimits | null };

export type AppendRefused = { readonly kind: 'noMailbox' | 'tooManyKeywords' | 'overQuota' };

export type AppendTools<C> = {
  readonly access: RepositoryAccess<C>;
  /** Step by step. @throws an outcome for `withOutcome` where it cannot be done */
  appendTo(tx: C, place: AppendPlace, appending: Appending): Promise<StoredAppend>;
  /** Messages without keywords, all to one place, as a whole in one round trip. */
  appendAtOnce(c: C, requests: readonly LimitedAppend[], epoch: number): Promise<readonly StoredAppend[]>;
};

/**
 * APPEND in one transaction. The content goes first and the mailbox row is locked last, so that the lock is held for what is
 * left and COMMIT: whoever gets UID n commits before whoever gets n + 1. A small message costs one round trip here.
 */
export async function append<C>(
  tools: AppendTools<C>,
  request: LimitedAppend,
  attempt: Attempt,
): Promise<AppendOutcome> {
  const { access, appendTo } = tools;
  const { operation, messages } = request;
  const work = (tx: C): Promise<StoredAppend> => appendTo(tx, request, request);
  const named = messages.some(({ flags }) => flags.keywords.length > 0);
  const outcome = await withOutcome<StoredAppend | AppendRefused>(
    named
      ? access.mutate(operation, work, attempt)
      : access.mutateAtOnce({ operation, work, ...atOnce(tools, request) }, attempt),
  );
  return appendOutcome(outcome, messages.length);
}

/** @param count of the messages */
export function appendOutcome(stored: StoredAppend | AppendRefused, count: number): AppendOutcome {
  if ('kind' in stored) return stored;
  const { firstUid, ...rest } = stored;
  return { kind: 'appended', ...rest, uids: appendedUids(firstUid, count) };
}

/** Those who append to one mailbox at the same time go together. */
function atOnce<C>(
  { appendAtOnce }: AppendTools<C>,
  request: LimitedAppend,
): Pick<AtOnce<C, StoredAppend>, 'send' | 'together'> {
  return {
    send: async (c, epoch) => (await appendAtOnce(c, [request], epoch))[0] as StoredAppend,
    together: {
      key: 'id' in request ? request.id : `${request.owner} ${request.mailbox}`,
      octets: request.messages.reduce((sum, { staged }) => sum + (staged.inline?.raw.length ?? 0), 0),
      part: request,
      sendAll: (c, epoch, parts) => appendAtOnce(c, parts as readonly LimitedAppend[], epoch),
    },
  };
}

/** What has to be so of what was appended. @throws an outcome, or RepositoryUnavailable, where it is not */
export function checkAppended(
  { messages, limits }: Appending,
  { excess, complete }: { readonly excess: boolean; readonly complete: number },
): void {
  if (excess && limits !== null) rollBackWith({ kind: 'overQuota' });
  // A staged upload commits chunk by chunk. Under Async its first chunks may be lost with the primary that took them.
  if (complete < messages.length) {
    throw new RepositoryUnavailable('the uploaded message was lost with the primary that had taken it');
  }
}
