import type { IdSet } from '../protocol/sets/id-set.ts';
import type { SequenceSet } from '../protocol/sets/sequence-set.ts';
import type { ModSeq, Uid } from '../store/types.ts';
import type { MailboxView, ViewReader } from './mailbox-view.ts';
import { contains, difference, lowerBound, union } from './sorted-uids.ts';

/** Messages of a session, ascending: `sequences[i]` is the message number of `uids[i]`. */
export type MessageSelection = { readonly uids: Uint32Array; readonly sequences: Uint32Array };

/** A selection in the making. */
class Selected {
  readonly #uids: Uint32Array;
  readonly #sequences: Uint32Array;
  #length = 0;

  constructor(atMost: number) {
    this.#uids = new Uint32Array(atMost);
    this.#sequences = new Uint32Array(atMost);
  }

  add(uid: number, sequence: number): void {
    this.#uids[this.#length] = uid;
    this.#sequences[this.#length] = sequence;
    this.#length += 1;
  }

  result(): MessageSelection {
    return {
      uids: this.#uids.subarray(0, this.#length),
      sequences: this.#sequences.subarray(0, this.#length),
    };
  }
}

/** What a session is to be told, in this order. */
export type ViewUpdates = {
  /** Message numbers for EXPUNGE, largest first: no number moves before it is told. */
  readonly expunged: readonly number[];
  /** UIDs of the same, ascending, for VANISHED. */
  readonly vanished: readonly Uid[];
  /** EXISTS, when messages arrived. */
  readonly exists: number | null;
  /** UIDs of messages known to the client whose flags changed, ascending. */
  readonly changed: readonly Uid[];
  /** UIDs of those whose flags this session itself changed, ascending: its commands have told of them. */
  readonly own: readonly Uid[];
  /** With `exists`: messages from this UID on are new. */
  readonly firstNew: number;
  /**
   * HIGHESTMODSEQ for a client that remembers it; null where the mod-sequences of its messages tell. It must not rise above
   * a change that is not told yet (RFC 7162, 3.2); and what vanished is told without one: were that lost with the primary,
   * the client's own would not show that it must be told of it again.
   */
  readonly remember: ModSeq | null;
};

type Gone = Pick<ViewUpdates, 'expunged' | 'vanished'>;

const NOTHING_GONE: Gone = { expunged: [], vanished: [] };

/**
 * The mailbox as one session sees it: which messages it has been told of, hence their message numbers. Nothing changes
 * but by `take`, so numbers hold for a whole command whatever others do (RFC 3501, 7.4.1), and a message that others
 * expunged stays addressable until the session is told.
 */
export class MailboxCursor implements ViewReader {
  readonly #view: MailboxView;
  /** Messages up to this UID have been told. */
  #lastUid: number;
  /** Told (or never to be told) as gone, but still in the view's table; shared between sessions that saw the same. */
  #gone: Uint32Array;
  #expungedTo: number;
  #changedTo: number;
  /** `toldTo` when everything was told last. */
  #toldTo: ModSeq;
  /** Where the session is outdated, a mod-sequence that only a lost primary gave. */
  #outdated: ModSeq | null = null;
  /** `toldTo` when a change of flags was first kept from the client, which wants to hear of none. */
  #withheldFrom: ModSeq | null = null;
  /** Mod-sequences of this session's own changes, answered by their command already. */
  readonly #own = new Set<number>();
  #onWake: (() => void) | null = null;

  constructor(view: MailboxView) {
    this.#view = view;
    this.#lastUid = view.table.lastUid;
    this.#gone = view.tombstones;
    this.#expungedTo = view.version;
    this.#changedTo = view.version;
    this.#toldTo = view.modSeq;
    view.attach(this);
  }

  get view(): MailboxView {
    return this.#view;
  }

  get expungedTo(): number {
    return this.#expungedTo;
  }

  get changedTo(): number {
    return this.#changedTo;
  }

  /**
   * The session was told of everything up to this mod-sequence, so that its client may keep it as HIGHESTMODSEQ: lower than
   * that of any expunge it has not been told of (RFC 7162, 3.2).
   */
  get toldTo(): ModSeq {
    return this.stale ? this.#tellable(this.#toldTo) : this.highestModSeq;
  }

  /** HIGHESTMODSEQ for an answer before which everything is told. */
  get highestModSeq(): ModSeq {
    return this.#tellable(this.#view.modSeq);
  }

  /** EXISTS as the client knows it. */
  get count(): number {
    return this.#end() - lowerBound(this.#gone, this.#lastUid + 1);
  }

  /** The largest UID of the session's messages, 0 where there is none: `*` in a set of UIDs. */
  get largestUid(): number {
    return this.count === 0 ? 0 : this.uidAt(this.count);
  }

  /** Messages of the view that the session has not been told of yet, ascending. */
  get untold(): Uint32Array {
    const { table } = this.#view;
    const from = this.#end();
    return Uint32Array.from({ length: table.count - from }, (_, at) => table.uidAt(from + at));
  }

  /** Message number, 0 where the session has no such message. */
  sequenceOf(uid: number): number {
    if (uid > this.#lastUid || contains(this.#gone, uid)) return 0;
    const index = this.#view.table.indexOf(uid);
    return index < 0 ? 0 : index + 1 - lowerBound(this.#gone, uid);
  }

  /** @throws RangeError where the session has no such message */
  uidAt(sequence: number): Uid {
    if (sequence < 1 || sequence > this.count) throw new RangeError(`no message ${sequence}`);
    return this.#view.table.uidAt(this.#indexAt(sequence)) as Uid;
  }

  /** How many of the session's messages have a UID ≥ `uid`. */
  countFrom(uid: number): number {
    const before = this.#view.table.lowerBound(Math.min(uid, this.#lastUid + 1));
    const goneBefore = lowerBound(this.#gone, Math.min(uid, this.#lastUid + 1));
    return this.count - (before - goneBefore);
  }

  /** The session's messages that a set names. */
  select(set: SequenceSet, kind: 'uid' | 'sequence'): MessageSelection {
    return this.selectIds(set.resolve(kind === 'uid' ? this.largestUid : this.count), kind);
  }

  /** Those among `ids`: UIDs, which may be any, or message numbers that the session has. */
  selectIds(ids: IdSet, kind: 'uid' | 'sequence'): MessageSelection {
    const into = new Selected(Math.min(ids.size, this.count));
    for (const [first, last] of ids.ranges()) {
      const from = kind === 'uid' ? this.#view.table.lowerBound(first) : this.#indexAt(first);
      const end = kind === 'uid' ? this.#view.table.lowerBound(last + 1) : this.#indexAt(last) + 1;
      this.#collect(from, Math.min(end, this.#end()), into);
    }
    return into.result();
  }

  /** All messages of the session. */
  all(): MessageSelection {
    const into = new Selected(this.count);
    this.#collect(0, this.#end(), into);
    return into.result();
  }

  /** Is there something to tell? */
  get stale(): boolean {
    return this.#changedTo < this.#view.version || this.#expungedTo < this.#view.version;
  }

  /** The session goes on without a message that has come back: its client must be told all when it selects anew. */
  get outdated(): boolean {
    return this.#outdated !== null;
  }

  /**
   * What happened since the last time. With `noExpunge` message numbers stay as they are; new ones may be added. `tellsFlags`
   * false: the client hears of no `changed` flags, now or later.
   */
  take(updates: 'all' | 'noExpunge', tellsFlags = true): ViewUpdates {
    const [known, toldTo] = [this.#lastUid, this.#toldTo];
    const pending = this.#view.expungedSince(this.#expungedTo);
    const withheld = updates === 'noExpunge' && pending.length > 0;
    const gone = withheld ? NOTHING_GONE : this.#takeExpunged(pending);
    if (!withheld) {
      this.#expungedTo = this.#view.version;
      this.#toldTo = this.#view.modSeq;
    }
    const before = this.count;
    this.#lastUid = Math.max(known, this.#view.table.lastUid);
    const exists = this.count > before ? this.count : null;
    const { changed, own } = this.#takeChanged(known);
    if (!tellsFlags && changed.length > 0) this.#withheldFrom ??= toldTo;
    const unclear = withheld || gone.vanished.length > 0 || this.#view.incomplete || this.#limited;
    const remember = unclear ? this.toldTo : null;
    this.#view.forgetTold();
    return { ...gone, exists, changed, own, firstNew: known + 1, remember };
  }

  /** The session's own command has answered this change: it is no news to its client. */
  acknowledge(modSeq: number): void {
    this.#own.add(modSeq);
  }

  /** Calls `listener` at every change until it is replaced or taken away; one at a time, for IDLE. */
  onChange(listener: (() => void) | null): void {
    this.#onWake = listener;
  }

  close(): void {
    this.#onWake = null;
    this.#view.detach(this);
  }

  wake(): void {
    this.#onWake?.();
  }

  hide(uid: number): void {
    // What is above was never told: it arrives with the rest.
    if (uid <= this.#lastUid) this.#gone = union(this.#gone, Uint32Array.of(uid));
  }

  outlive(risen: Uint32Array, lost: ModSeq): void {
    this.#own.clear();
    if (risen.some((uid) => contains(this.#gone, uid))) this.#outdated ??= lost;
  }

  forget(uids: Uint32Array): void {
    this.#gone = difference(this.#gone, uids);
  }

  /** The client's HIGHESTMODSEQ is not that of the mailbox: something was not told, and is only when it selects anew. */
  get #limited(): boolean {
    return this.#outdated !== null || this.#withheldFrom !== null;
  }

  /** What of a mod-sequence the client may keep, so that it is told of the rest when it selects anew. */
  #tellable(modSeq: ModSeq): ModSeq {
    return this.#outdated ?? (Math.min(modSeq, this.#withheldFrom ?? modSeq) as ModSeq);
  }

  /** The session's messages among rows `from` up to `end` of the table. */
  #collect(from: number, end: number, into: Selected): void {
    const { table } = this.#view;
    let skip = lowerBound(this.#gone, table.uidAt(from));
    for (let index = from; index < end; index++) {
      const uid = table.uidAt(index);
      if (uid === this.#gone[skip]) skip += 1;
      else into.add(uid, index + 1 - skip);
    }
  }

  /** Index in the table after the last message told. */
  #end(): number {
    return this.#view.table.lowerBound(this.#lastUid + 1);
  }

  /** Index of a message number: grows by the tombstones before it until none is left out. */
  #indexAt(sequence: number): number {
    let index = sequence - 1;
    for (;;) {
      const next = sequence - 1 + lowerBound(this.#gone, this.#view.table.uidAt(index) + 1);
      if (next === index) return index;
      index = next;
    }
  }

  #takeExpunged(buried: Uint32Array): Gone {
    if (buried.length === 0) return NOTHING_GONE;
    const vanished = (Array.from(buried) as Uid[]).filter((uid) => this.sequenceOf(uid) > 0);
    const expunged = vanished.map((uid) => this.sequenceOf(uid)).reverse();
    // What compaction has removed already needs no remembering; what is above #lastUid was never told and never will be.
    const still = buried.filter((uid) => this.#view.table.indexOf(uid) >= 0);
    this.#gone = this.#view.shareGone(union(this.#gone, still));
    return { expunged, vanished };
  }

  #takeChanged(known: number): Pick<ViewUpdates, 'changed' | 'own'> {
    const { table } = this.#view;
    const [changed, own]: [Uid[], Uid[]] = [[], []];
    for (const uid of this.#view.changedSince(this.#changedTo)) {
      if (uid > known) break; // new to the client, which will ask for its flags
      if (this.sequenceOf(uid) === 0) continue;
      (this.#own.has(table.modSeqAt(table.indexOf(uid))) ? own : changed).push(uid as Uid);
    }
    this.#changedTo = this.#view.version;
    this.#own.clear();
    return { changed, own };
  }
}
