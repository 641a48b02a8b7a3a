import type { Uid } from '../types.ts';

/**
 * UIDs as runs of consecutive numbers: what goes to the database for a set of messages, whatever its size. 1:160000 is one
 * range and one index scan.
 */
export type UidRanges = { readonly from: readonly number[]; readonly to: readonly number[] };

/** Any order, doubles allowed. */
export function uidRanges(uids: readonly Uid[]): UidRanges {
  const from: number[] = [];
  const to: number[] = [];
  for (const uid of ascending(uids)) {
    const last = to.length - 1;
    const end = to[last];
    if (end === undefined || uid > end + 1) {
      from.push(uid);
      to.push(uid);
    } else if (uid > end) to[last] = uid;
  }
  return { from, to };
}

function ascending(uids: readonly Uid[]): readonly Uid[] {
  for (let i = 1; i < uids.length; i++) {
    if ((uids[i - 1] ?? 0) > (uids[i] ?? 0)) return [...uids].sort((a, b) => a - b);
  }
  return uids;
}

/** `1:3,7`: how UIDs stand in stored results. */
export function writeUids(uids: readonly Uid[]): string {
  const { from, to } = uidRanges(uids);
  return from.map((start, i) => (start === to[i] ? String(start) : `${start}:${to[i]}`)).join(',');
}

/** Ascending. @throws RangeError where the text is not what `writeUids` gives */
export function readUids(text: string): Uid[] {
  if (text === '') return [];
  const uids: Uid[] = [];
  for (const run of text.split(',')) {
    const [start, end = start] = run.split(':').map(Number);
    if (start === undefined || end === undefined || !(start <= end)) throw new RangeError(`not UIDs: ${text}`);
    for (let uid = start; uid <= end; uid++) uids.push(uid as Uid);
  }
  return uids;
}
