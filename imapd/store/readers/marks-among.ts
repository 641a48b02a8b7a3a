import type { Uid } from '../types.ts';
import type { Marks, ReadBy } from './marks.ts';
import type { ReaderTools } from './reader-tools.ts';

/** Messages whose marks are looked up one by one; for more of them all marks of the reader in the mailbox are read, which is one walk. */
const ONE_BY_ONE = 1_000;

/** Marks of these messages, and perhaps of others: for `seenBy`. */
export async function marksAmong<C>(
  c: C,
  { marksOf, marksSince }: Pick<ReaderTools<C>, 'marksOf' | 'marksSince'>,
  { uids, ...by }: ReadBy & { readonly uids: readonly Uid[] },
): Promise<Marks> {
  return uids.length > ONE_BY_ONE ? await marksSince(c, { ...by, since: 0 }) : await marksOf(c, { ...by, uids });
}
