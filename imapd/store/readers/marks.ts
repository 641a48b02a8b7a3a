import { type MailboxId, type MessageRows, type ModSeq, systemFlags, type Uid } from '../types.ts';

/** Somebody who has \Seen of his own in a mailbox that is not his (docs/adr/0026-guests-have-seen-of-their-own.md). */
export type ReadBy = { readonly mailbox: MailboxId; readonly reader: string };

/**
 * What one reader has seen of a mailbox, in ascending order of UID: `flags` are \Seen or 0, keywords 0, `modSeqs` those of the reader's
 * last change. A message without a mark is one that the reader has not seen.
 */
export type Marks = MessageRows;

export const SEEN = systemFlags['\\Seen'];

/**
 * Messages as a reader sees them: \Seen is the mark's, the mod-sequence the greater of both.
 * @param upTo mod-sequences above it are told as this: of what was read later than the state of the mailbox, which tells it again
 */
export function seenBy(rows: MessageRows, marks: Marks, upTo = Number.POSITIVE_INFINITY): MessageRows {
  const flags = rows.flags.slice();
  const modSeqs = rows.modSeqs.slice();
  let at = 0;
  for (let i = 0; i < rows.count; i++) {
    const uid = rows.uids[i] ?? 0;
    while (at < marks.count && (marks.uids[at] ?? 0) < uid) at++;
    const isMarked = at < marks.count && marks.uids[at] === uid;
    flags[i] = ((flags[i] ?? 0) & ~SEEN) | (isMarked ? (marks.flags[at] ?? 0) : 0);
    modSeqs[i] = Math.min(upTo, Math.max(modSeqs[i] ?? 0, isMarked ? (marks.modSeqs[at] ?? 0) : 0));
  }
  return { ...rows, flags, modSeqs };
}

/** Both in ascending order of UID; of a message that is in both, the second. */
export function joined(one: MessageRows, other: MessageRows): MessageRows {
  const numbers = new Set(other.uids.subarray(0, other.count));
  const places = [...placesOf(one).filter(({ uid }) => !numbers.has(uid)), ...placesOf(other)].sort(
    (a, b) => a.uid - b.uid,
  );
  const words = (name: 'uids' | 'flags' | 'keywordsLow' | 'keywordsHigh'): Uint32Array =>
    Uint32Array.from(places, ({ rows, at }) => rows[name][at] ?? 0);
  return {
    ...{ count: places.length, uids: words('uids'), flags: words('flags') },
    ...{ keywordsLow: words('keywordsLow'), keywordsHigh: words('keywordsHigh') },
    modSeqs: Float64Array.from(places, ({ rows, at }) => rows.modSeqs[at] ?? 0),
  };
}

type PlaceOf = { readonly rows: MessageRows; readonly at: number; readonly uid: number };

const placesOf = (rows: MessageRows): PlaceOf[] =>
  Array.from({ length: rows.count }, (_, at) => ({ rows, at, uid: rows.uids[at] ?? 0 }));

export const uidsOf = ({ count, uids }: MessageRows): Uid[] => Array.from(uids.subarray(0, count)) as Uid[];

/** Those with \Seen. */
export const seenOf = (rows: MessageRows): Uid[] => uidsOf(rows).filter((_, i) => ((rows.flags[i] ?? 0) & SEEN) !== 0);

/** By UID. */
export const modSeqsOf = (rows: MessageRows): ReadonlyMap<number, ModSeq> =>
  new Map(uidsOf(rows).map((uid, i) => [uid, rows.modSeqs[i] as ModSeq]));
