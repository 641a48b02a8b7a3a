import { difference, NO_UIDS, sortedUids, union } from './sorted-uids.ts';

type Entry = { readonly version: number; readonly uids: Uint32Array };

/**
 * Which messages changed at which version of a view, for sessions that look later. Bounded: when more than `limit` UIDs
 * are kept, the older half becomes one entry, so that a session which looks seldom is told a little too much, never too
 * little, and a mailbox costs at most a few words a message however long a session sleeps.
 */
export class ChangeLog {
  readonly #limit: () => number;
  #entries: Entry[] = [];
  #kept = 0;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** UIDs that are kept. */
  get size(): number {
    return this.#kept;
  }

  add(version: number, uids: Uint32Array): void {
    if (uids.length === 0) return;
    this.#entries.push({ version, uids });
    this.#kept += uids.length;
    if (this.#kept > this.#limit() && this.#entries.length > 1) this.#condense();
  }

  /** Messages that changed after `version`, ascending. */
  since(version: number): Uint32Array {
    const newer = this.#entries.filter((entry) => entry.version > version);
    if (newer.length === 0) return NO_UIDS;
    if (newer.length <= 2) return newer.reduce<Uint32Array>((all, entry) => union(all, entry.uids), NO_UIDS);
    return sortedUids(newer.flatMap((entry) => Array.from(entry.uids)));
  }

  /** What was noted of these messages did not happen after all. */
  withdraw(uids: Uint32Array): void {
    if (uids.length === 0) return;
    this.#entries = this.#entries.map((entry) => ({ version: entry.version, uids: difference(entry.uids, uids) }));
    this.#kept = this.#entries.reduce((sum, entry) => sum + entry.uids.length, 0);
  }

  /** Nobody asks for what happened up to `version` any more. */
  forget(version: number): void {
    if ((this.#entries[0]?.version ?? Number.POSITIVE_INFINITY) > version) return;
    this.#entries = this.#entries.filter((entry) => entry.version > version);
    this.#kept = this.#entries.reduce((sum, entry) => sum + entry.uids.length, 0);
  }

  #condense(): void {
    const older = this.#entries.splice(0, Math.ceil(this.#entries.length / 2));
    const version = older.at(-1)?.version ?? 0;
    const uids = older.reduce<Uint32Array>((all, entry) => union(all, entry.uids), NO_UIDS);
    this.#entries.unshift({ version, uids });
    this.#kept = this.#entries.reduce((sum, entry) => sum + entry.uids.length, 0);
  }
}
