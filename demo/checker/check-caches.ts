import { lastWhole } from './check-acknowledged.ts';
import { groupBy, ofKind } from './group.ts';
import { type CacheEvent, mailboxKey, type ObservationEvent } from './history.ts';
import type { Check } from './invariant.ts';

/**
 * What every client made of the server's own words equals the mailbox, flags too, and who sat in IDLE had heard of it
 * there. One thing may be missing: a message whose expunge was lost is there again, but not for a session that had it
 * told as expunged, until that selects the mailbox anew.
 */
export const checkCaches: Check = (history) => {
  const caches = ofKind(history, 'cache');
  const last = lastWhole(ofKind(history, 'observation'));
  const asked = groupBy(ofKind(history, 'expunge'), mailboxKey);
  return {
    invariant: 'cache',
    promise: "clients' caches, flags too, equal the server",
    examined: caches.length,
    violations: caches.flatMap((cache) => {
      const look = last.get(mailboxKey(cache));
      const removals = new Set((asked.get(mailboxKey(cache)) ?? []).map((e) => e.uid));
      const wrong = look === undefined ? ['nobody looked at the mailbox itself'] : differences(cache, look, removals);
      return wrong.map((what) => `${cache.client}: ${what}`);
    }),
  };
};

/** Messages that a session may lack, though they are there. */
export function hiddenFrom(
  cache: Pick<CacheEvent, 'expunged' | 'expungedUnseen'>,
  lacking: readonly number[],
  removals: ReadonlySet<number>,
): readonly number[] {
  const told = new Set(cache.expunged);
  // Which message it was that went before it was asked for, only the client that asked for its removal can tell.
  let unseen = cache.expungedUnseen;
  return lacking.filter((uid) => told.has(uid) || (removals.has(uid) && unseen-- > 0));
}

function differences(cache: CacheEvent, look: ObservationEvent, removals: ReadonlySet<number>): readonly string[] {
  const cached = new Map(cache.messages.flatMap(({ uid, flags }) => (uid === null ? [] : [[uid, flags] as const])));
  const present = new Map(look.messages.map(({ uid, flags }) => [uid, flags]));
  const lacking = [...present.keys()].filter((uid) => !cached.has(uid));
  const hidden = new Set(hiddenFrom(cache, lacking, removals));
  const known = cache.messages.length;
  return [
    ...[...cached.keys()].filter((uid) => !present.has(uid)).map((uid) => `shows UID ${uid}, which is not there`),
    ...lacking.filter((uid) => !hidden.has(uid)).map((uid) => `knows nothing of UID ${uid}`),
    ...(cached.size === known ? [] : [`counts ${known} messages and has UIDs of ${cached.size}`]),
    ...(ascending([...cached.keys()]) ? [] : ['has its messages in another order']),
    ...[...cached].flatMap(([uid, flags]) => {
      const there = present.get(uid);
      return there === undefined || flagList(there) === flagList(flags)
        ? []
        : [`shows UID ${uid} with flags (${flagList(flags)}) in place of (${flagList(there)})`];
    }),
    ...(cache.toldInIdle === null || cache.toldInIdle === known
      ? []
      : [`had been told of ${cache.toldInIdle} messages in IDLE, of ${known}`]),
  ];
}

const ascending = (uids: readonly number[]): boolean => uids.every((uid, i) => i === 0 || (uids[i - 1] ?? 0) < uid);

/** `\Recent` is each session's own. */
const flagList = (flags: readonly string[]): string =>
  flags
    .filter((flag) => flag !== '\\Recent')
    .sort()
    .join(' ');
