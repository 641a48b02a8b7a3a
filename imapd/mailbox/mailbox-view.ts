import type { MailboxState } from '../store/mailbox-state.ts';
import type { MailboxChanges } from '../store/store.ts';
import { type MessageRows, type ModSeq, systemFlags, type Uid } from '../store/types.ts';
import { ChangeLog } from './change-log.ts';
import { MessageTable } from './message-table.ts';
import { contains, difference, NO_UIDS, sortedUids, union } from './sorted-uids.ts';

/** Tombstones that are kept before the table is copied without them: a mailbox is not copied for every EXPUNGE. */
const TOMBSTONES_KEPT = 256;
/** UIDs of changes that are kept for sessions that look seldom. */
const CHANGES_KEPT = 4096;

/** Arrivals whose time is remembered; older ones are on every replica. */
const ARRIVALS_KEPT = 32;

export type MailboxViewOptions = {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly tombstonesKept?: number;
  /** Who has \Seen of his own in it; null: the view is everybody's. */
  readonly reader?: string | null;
};

/** New messages without keywords, as an APPEND has made them part of the mailbox. `flags`: system flags of each. */
export type Appended = {
  readonly uids: readonly Uid[];
  readonly flags: readonly number[];
  /** Of all together. */
  readonly octets: number;
  readonly modSeq: ModSeq;
};

export type LoadedView = { readonly state: MailboxState; readonly rows: MessageRows };

/** A session's place in a view, as far as the view must know it: see `MailboxCursor`. */
export interface ViewReader {
  /** Expunges up to this version have been told to the session. */
  readonly expungedTo: number;
  readonly changedTo: number;
  /** Something changed: a session in IDLE wants to know. */
  wake(): void;
  /** The message came back after a failover: a session that knows later ones, or had its expunge told, cannot see it. */
  hide(uid: number): void;
  /**
   * After an unplanned promotion mod-sequences tell no longer whose change a flag was; and the messages `risen` are there
   * again, whose expunge was lost. `lost` is a mod-sequence that only the lost primary gave.
   */
  outlive(risen: Uint32Array, lost: ModSeq): void;
  /** These messages have left the table. */
  forget(uids: Uint32Array): void;
}

/**
 * What this process knows of one selected mailbox, shared by all its sessions. The table holds the messages that exist and,
 * as tombstones, those expunged that some session has not been told of yet. Every change gets a version; a session
 * remembers only the versions it was told up to and which tombstones it knows to be gone (`MailboxCursor`), so a further
 * session costs a few words:
 *
 *   table       17 │ 18† │ 21 │ 25† │ 30        † tombstones, expunged at versions 4 and 9
 *   session A   told up to 3:  17 18 21 25 30   message numbers 1 2 3 4 5
 *   session B   told up to 9:  17    21    30   message numbers 1   2   3
 *
 * Fed by deltas (`apply`), by the answers to this process's own mutations, and whole after an unplanned promotion.
 */
export class MailboxView {
  readonly table: MessageTable;
  readonly reader: string | null;
  #state: MailboxState;
  #deleted = false;
  #version = 0;
  /** The highest mod-sequence of a change of this process. */
  #ownTo = 0;
  #tombstones: Uint32Array = NO_UIDS;
  #sharedGone: Uint32Array = NO_UIDS;
  #lastExpunge = 0;
  readonly #changed = new ChangeLog(() => Math.max(CHANGES_KEPT, 2 * this.table.count));
  readonly #expunged = new ChangeLog(() => Math.max(CHANGES_KEPT, 2 * this.table.count));
  readonly #readers = new Set<ViewReader>();
  readonly #now: () => number;
  readonly #tombstonesKept: number;
  #arrivals: { readonly from: number; readonly at: number }[] = [];

  constructor(loaded: LoadedView, options: MailboxViewOptions = {}) {
    this.#now = options.now ?? (() => performance.now());
    this.#tombstonesKept = options.tombstonesKept ?? TOMBSTONES_KEPT;
    this.#state = loaded.state;
    this.reader = options.reader ?? null;
    this.table = new MessageTable(loaded.rows);
  }

  get state(): MailboxState {
    return this.#state;
  }

  /** Everything up to this mod-sequence is in the view: where the next delta begins. */
  get modSeq(): ModSeq {
    return this.#state.highestModSeq;
  }

  /** A change of this process is in the view, and not all that others changed before it: its mod-sequence is no HIGHESTMODSEQ. */
  get incomplete(): boolean {
    return this.#ownTo > this.modSeq;
  }

  get version(): number {
    return this.#version;
  }

  /** Expunged messages that are still in the table, ascending. */
  get tombstones(): Uint32Array {
    return this.#tombstones;
  }

  /** DELETE of the mailbox came under the sessions' feet. */
  get deleted(): boolean {
    return this.#deleted;
  }

  get readers(): number {
    return this.#readers.size;
  }

  attach(reader: ViewReader): void {
    this.#readers.add(reader);
  }

  detach(reader: ViewReader): void {
    this.#readers.delete(reader);
    this.forgetTold();
  }

  /** When this process learnt of a message, if that was lately: replicas may not have it yet. */
  learntAt(uid: number): number | undefined {
    return this.#arrivals.findLast((arrival) => arrival.from <= uid)?.at;
  }

  changedSince(version: number): Uint32Array {
    return this.#changed.since(version);
  }

  expungedSince(version: number): Uint32Array {
    return this.#expunged.since(version);
  }

  /**
   * Was there an unplanned promotion since? The view may hold changes of this process that were lost with the old primary
   * and that no delta undoes: it must be compared whole.
   */
  isForkedFrom(state: MailboxState): boolean {
    const newest = (forks: MailboxState['forks']): string => JSON.stringify(forks.at(-1) ?? null);
    return newest(this.#state.forks) !== newest(state.forks);
  }

  /** Takes in what changed after `modSeq`, or after 0 where the view `isForkedFrom` the state of the delta. */
  apply(changes: MailboxChanges): void {
    if (changes.whole) this.#compare(changes);
    else this.#applyDelta(changes);
  }

  /** Takes in the answer to a STORE of this process: its sessions see it at once. */
  applyStored(stored: {
    readonly rows: MessageRows;
    readonly keywords: readonly string[];
    readonly modSeq: ModSeq;
  }): void {
    const changed = this.#applyRows(stored.rows);
    if (stored.keywords.length > this.#state.keywords.length) {
      this.#state = { ...this.#state, keywords: stored.keywords };
    }
    if (stored.rows.modSeqs.subarray(0, stored.rows.count).includes(stored.modSeq)) this.#follow(stored.modSeq);
    this.#publish({ changed, expunged: NO_UIDS, arrived: false });
  }

  /** Takes in the answer to an APPEND of this process, where nothing is missing before it: then no delta has to be asked for. */
  applyAppended({ uids, flags, octets, modSeq }: Appended): void {
    const state = this.#state;
    if (modSeq !== state.highestModSeq + 1 || uids[0] !== state.uidNext) return;
    const count = uids.length;
    const without = (flag: number): number => flags.filter((each) => (each & flag) === 0).length;
    const words = (): Uint32Array => new Uint32Array(count);
    const rows = {
      ...{ count, uids: Uint32Array.from(uids), flags: Uint32Array.from(flags) },
      ...{ keywordsLow: words(), keywordsHigh: words(), modSeqs: new Float64Array(count).fill(modSeq) },
    };
    this.#ownTo = Math.max(this.#ownTo, modSeq);
    const now = {
      ...{ ...state, uidNext: (state.uidNext + count) as Uid, highestModSeq: modSeq, size: state.size + octets },
      ...{ messages: state.messages + count, recent: state.recent + count },
      unseen: state.unseen + without(systemFlags['\\Seen']),
      deleted: state.deleted + count - without(systemFlags['\\Deleted']),
    };
    this.#applyDelta({ state: now, rows, expunged: [], whole: false });
  }

  /** Takes in the answer to an EXPUNGE or MOVE of this process. */
  applyExpunged(uids: Iterable<number>, modSeq: ModSeq): void {
    const expunged = this.#bury(uids);
    if (expunged.length > 0) this.#follow(modSeq);
    this.#publish({ changed: NO_UIDS, expunged, arrived: false });
  }

  /** RFC 2180, 3.3: to its sessions a deleted mailbox looks as if every message had been expunged. */
  markDeleted(): void {
    this.#deleted = true;
    this.#publish({ changed: NO_UIDS, expunged: this.#bury(this.#lost(NO_UIDS)), arrived: false });
  }

  /** One copy of what sessions know to be gone, where they know the same. */
  shareGone(gone: Uint32Array): Uint32Array {
    const shared = this.#sharedGone;
    const same = shared.length === gone.length && gone.every((uid, index) => uid === shared[index]);
    if (!same) this.#sharedGone = gone;
    return same ? shared : gone;
  }

  /** Drops what every session has been told, once that is worth asking them all. */
  forgetTold(): void {
    const kept = this.#changed.size + this.#expunged.size + this.#tombstones.length;
    if (kept < this.#tombstonesKept && this.#readers.size > 0) return;
    let changedTo = this.#version;
    let expungedTo = this.#version;
    for (const reader of this.#readers) {
      changedTo = Math.min(changedTo, reader.changedTo);
      expungedTo = Math.min(expungedTo, reader.expungedTo);
    }
    this.#changed.forget(changedTo);
    this.#expunged.forget(expungedTo);
    const worthwhile = this.#tombstones.length >= Math.max(this.#tombstonesKept, this.table.count / 16);
    if (worthwhile && expungedTo >= this.#lastExpunge) this.#compact();
  }

  #compact(): void {
    const removed = this.#tombstones;
    this.table.remove(removed);
    this.#tombstones = NO_UIDS;
    for (const reader of this.#readers) reader.forget(removed);
  }

  #applyDelta(changes: MailboxChanges): void {
    const changed = this.#applyRows(changes.rows);
    const arrived = this.#appendNew(changes.rows);
    const expunged = this.#bury(changes.expunged);
    if (changes.state.highestModSeq >= this.#state.highestModSeq) this.#state = changes.state;
    this.#publish({ changed, expunged, arrived });
  }

  /**
   * Compares the view with the mailbox as it is after an unplanned promotion. Messages that were lost leave; flags that
   * differ are news, even those whose mod-sequence went back; a message whose expunge was lost is there again, but not
   * for sessions that were told of its expunge or of later messages (they see it when they select anew).
   */
  #compare(loaded: LoadedView): void {
    const { rows } = loaded;
    const changed: number[] = [];
    const back: number[] = [];
    for (let from = 0; from < rows.count; from++) {
      const uid = rows.uids[from] ?? 0;
      const index = this.table.indexOf(uid, from);
      if (index < 0) {
        if (uid < this.#state.uidNext) back.push(from);
      } else if (this.table.differs(index, rows, from)) {
        this.table.update(index, rows, from);
        changed.push(uid);
      }
    }
    for (const from of back) this.#resurrect(rows, from);
    const present = rows.uids.subarray(0, rows.count);
    const buried = this.#tombstones;
    this.#tombstones = difference(buried, present);
    const dugUp = difference(buried, this.#tombstones);
    this.#expunged.withdraw(dugUp);
    const appended = this.#appendNew(rows);
    const arrived = appended || back.length > 0 || dugUp.length > 0;
    const expunged = this.#bury(this.#lost(present));
    this.#state = loaded.state;
    const risen = union(
      Uint32Array.from(back, (from) => rows.uids[from] ?? 0),
      dugUp,
    );
    const lost = ((loaded.state.forks.at(-1)?.modSeq ?? 0) + 1) as ModSeq;
    for (const reader of this.#readers) reader.outlive(risen, lost);
    // Changes of tombstones were no news.
    this.#publish({ changed: union(Uint32Array.from(changed), dugUp), expunged, arrived });
  }

  /** Rows that are newer than what is known; the others are answers that were overtaken. */
  #applyRows(rows: MessageRows): Uint32Array {
    const changed: number[] = [];
    let index = -1;
    for (let from = 0; from < rows.count; from++) {
      const uid = rows.uids[from] ?? 0;
      const found = this.table.indexOf(uid, index + 1);
      if (found < 0) continue;
      index = found;
      if ((rows.modSeqs[from] ?? 0) <= this.table.modSeqAt(index)) continue;
      this.table.update(index, rows, from);
      if (!contains(this.#tombstones, uid)) changed.push(uid);
    }
    return Uint32Array.from(changed);
  }

  /** A UID below UIDNEXT that is not in the table is no new message: it was expunged before this answer arrived. */
  #appendNew(rows: MessageRows): boolean {
    const before = this.table.count;
    const { lastUid } = this.table;
    for (let from = 0; from < rows.count; from++) {
      const uid = rows.uids[from] ?? 0;
      if (uid >= this.#state.uidNext && uid > this.table.lastUid) this.table.insert(rows, from);
    }
    if (this.table.count === before) return false;
    this.#arrivals = [...this.#arrivals, { from: lastUid + 1, at: this.#now() }].slice(-ARRIVALS_KEPT);
    return true;
  }

  /** Makes tombstones of those that are in the table; gives the ones that were not yet. */
  #bury(uids: Iterable<number>): Uint32Array {
    const buried = sortedUids(uids).filter((uid) => this.table.indexOf(uid) >= 0 && !contains(this.#tombstones, uid));
    this.#tombstones = union(this.#tombstones, buried);
    return buried;
  }

  #resurrect(rows: MessageRows, from: number): void {
    this.table.insert(rows, from);
    for (const reader of this.#readers) reader.hide(rows.uids[from] ?? 0);
  }

  /** What the table holds and `present` does not. */
  #lost(present: Uint32Array): number[] {
    const lost: number[] = [];
    for (let index = 0; index < this.table.count; index++) {
      const uid = this.table.uidAt(index);
      if (!contains(present, uid)) lost.push(uid);
    }
    return lost;
  }

  /**
   * An own mutation that directly follows what is known leaves no gap: no delta is needed for it. One that changed nothing is
   * answered with the mod-sequence of whoever changed the mailbox last, and what that was is not known here.
   */
  #follow(modSeq: ModSeq): void {
    this.#ownTo = Math.max(this.#ownTo, modSeq);
    if (modSeq === this.#state.highestModSeq + 1) this.#state = { ...this.#state, highestModSeq: modSeq };
  }

  #publish(news: { readonly changed: Uint32Array; readonly expunged: Uint32Array; readonly arrived: boolean }): void {
    if (news.changed.length === 0 && news.expunged.length === 0 && !news.arrived) return;
    this.#version += 1;
    this.#changed.add(this.#version, news.changed);
    this.#expunged.add(this.#version, news.expunged);
    if (news.expunged.length > 0) this.#lastExpunge = this.#version;
    for (const reader of this.#readers) reader.wake();
  }
}
