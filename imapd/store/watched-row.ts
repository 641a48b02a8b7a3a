import type { WatchDigest, WatchedMailboxState } from './watched.ts';

/** A sum over a bucket of mailboxes (m), over subscriptions (s) or annotations (a) of a user. Opaque: it is only compared. */
export type DigestRow = {
  readonly owner: string;
  readonly kind: 'm' | 's' | 'a';
  readonly bucket: number;
  readonly sum: string;
};

export function digestsOf(owners: readonly string[], found: readonly DigestRow[]): ReadonlyMap<string, WatchDigest> {
  const byOwner = Map.groupBy(found, ({ owner }) => owner);
  return new Map(owners.map((owner) => [owner, digestOf(byOwner.get(owner) ?? [])]));
}

function digestOf(found: readonly DigestRow[]): WatchDigest {
  const sumOf = (wanted: DigestRow['kind']): string => found.find(({ kind }) => kind === wanted)?.sum ?? '';
  const mailboxes = found.filter(({ kind }) => kind === 'm').map(({ bucket, sum }) => [bucket, sum] as const);
  return { mailboxes: new Map(mailboxes), subscriptions: sumOf('s'), annotations: sumOf('a') };
}

/** A watched mailbox as it is read, with the jumps of unplanned promotions in its numbers. */
export type WatchedRow = Omit<WatchedMailboxState, 'uidValidity' | 'uidNext' | 'highestModSeq' | 'specialUse'> & {
  readonly uid_validity: WatchedMailboxState['uidValidity'];
  readonly uid_next: WatchedMailboxState['uidNext'];
  readonly modseq: WatchedMailboxState['highestModSeq'];
  readonly special_use: readonly string[];
};

export const watchedState = ({
  uid_validity,
  uid_next,
  modseq,
  special_use,
  ...others
}: WatchedRow): WatchedMailboxState => ({
  ...others,
  uidValidity: uid_validity,
  uidNext: uid_next,
  highestModSeq: modseq,
  specialUse: special_use,
});
