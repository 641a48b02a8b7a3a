import type { FlagChange, MessageRows, Uid } from '../store/types.ts';
import type { MailboxCursor } from './mailbox-cursor.ts';
import { contains } from './sorted-uids.ts';

/** Keywords have bits; those from this one on are the low ones of another word (see `MessageRows`). */
const LOW_BITS = 31;

type Flags = { readonly system: number; readonly low: number; readonly high: number };

type Stored = { readonly rows: MessageRows; readonly keywords: readonly string[]; readonly modified: readonly Uid[] };

export type SilentStore = {
  readonly cursor: MailboxCursor;
  /** As the client asked for it. */
  readonly change: Omit<FlagChange, 'within'>;
};

/**
 * A client that stores with `.SILENT` works out by itself what flags its messages have then. That is wrong where somebody else
 * has changed one meanwhile, of which it has not been told: such messages are told all the same (RFC 9051, 6.4.6). To be asked
 * before the view takes in what was stored. Ascending; without those that UNCHANGEDSINCE has spared.
 */
export function unforeseenIn({ rows, keywords, modified }: Stored, { cursor, change }: SilentStore): readonly Uid[] {
  const { table } = cursor.view;
  const untold = cursor.view.changedSince(cursor.changedTo);
  const spared = new Set<number>(modified);
  const given = { system: change.system, ...keywordBits(change.keywords, keywords) };
  const isForeseen = (uid: number, row: number): boolean => {
    const at = contains(untold, uid) ? -1 : table.indexOf(uid);
    const before =
      at < 0 ? null : { system: table.flagsAt(at), low: table.keywordsLowAt(at), high: table.keywordsHighAt(at) };
    const now = { system: rows.flags[row], low: rows.keywordsLow[row], high: rows.keywordsHigh[row] };
    const foreseen = after(before, given, change.mode);
    return foreseen !== null && ALL.every((word) => foreseen[word] >>> 0 === (now[word] ?? 0));
  };
  const uids = rows.uids.subarray(0, rows.count);
  return Array.from(uids).filter((uid, row): uid is Uid => !spared.has(uid) && !isForeseen(uid, row));
}

const ALL = ['system', 'low', 'high'] as const;

/** null: it cannot be known. */
function after(before: Flags | null, given: Flags, mode: FlagChange['mode']): Flags | null {
  if (mode === 'replace') return given;
  if (before === null) return null;
  const each = (word: (typeof ALL)[number]): number =>
    mode === 'add' ? before[word] | given[word] : before[word] & ~given[word];
  return { system: each('system'), low: each('low'), high: each('high') };
}

/** @param names of a change; `all`: of the mailbox, in the order of their bits. Case does not count. */
function keywordBits(names: readonly string[], all: readonly string[]): Omit<Flags, 'system'> {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  let low = 0;
  let high = 0;
  for (const [bit, name] of all.entries()) {
    if (!wanted.has(name.toLowerCase())) continue;
    if (bit < LOW_BITS) low |= 1 << bit;
    else high |= 1 << (bit - LOW_BITS);
  }
  return { low, high };
}
