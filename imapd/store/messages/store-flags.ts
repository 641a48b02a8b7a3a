import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { StoreFlags, StoreOutcome } from '../store.ts';
import type { MessageRows } from '../types.ts';
import type { StoredFlags } from './flag-change.ts';
import { readUids } from './uid-ranges.ts';

export type FlagsRefused = { readonly kind: 'gone' } | { readonly kind: 'tooManyKeywords' };
export type FlagsChanged = { readonly stored: StoredFlags; readonly rows: MessageRows };

export type FlagTools<C> = {
  readonly access: RepositoryAccess<C>;
  /** Step by step. */
  change(tx: C, request: StoreFlags): Promise<FlagsChanged | FlagsRefused>;
  /** A change that names no keywords, as a whole in one round trip. */
  changeAtOnce(c: C, request: StoreFlags, epoch: number): Promise<FlagsChanged | FlagsRefused>;
  /** The messages as they are, for the answer to an operation that was found done. */
  readRows(c: C, request: StoreFlags): Promise<MessageRows>;
};

/**
 * STORE for any number of messages. Messages that carry the flags already keep their mod-sequence; where nothing changes at
 * all, the mailbox keeps its own (RFC 7162 3.1.1).
 */
export async function storeFlags<C>(
  { access, change, changeAtOnce, readRows }: FlagTools<C>,
  request: StoreFlags,
  attempt: Attempt,
): Promise<StoreOutcome> {
  let done: FlagsChanged | null = null;
  const keep = (result: FlagsChanged | FlagsRefused): StoredFlags | FlagsRefused => {
    done = 'kind' in result ? null : result;
    return 'kind' in result ? result : result.stored;
  };
  const { operation } = request;
  const work = async (tx: C): Promise<StoredFlags | FlagsRefused> => {
    done = null;
    return keep(await change(tx, request));
  };
  const send = async (c: C, epoch: number): Promise<StoredFlags | FlagsRefused> =>
    keep(await changeAtOnce(c, request, epoch));
  const outcome = namesKeywords(request)
    ? await access.mutate(operation, work, attempt)
    : await access.mutateAtOnce({ operation, work, send }, attempt);
  if (outcome.kind !== 'stored') return outcome;
  const rows = (done as FlagsChanged | null)?.rows ?? (await access.read((c) => readRows(c, request), attempt));
  return {
    kind: 'stored',
    modSeq: outcome.modSeq,
    keywords: outcome.keywords,
    rows,
    modified: readUids(outcome.modified),
  };
}

/** Their bits have to be known first, and perhaps given. */
export const namesKeywords = ({ change }: StoreFlags): boolean => change.keywords.length > 0;
