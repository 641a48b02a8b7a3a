import { changesSince, type Fork, type MailboxState } from '../../store/mailbox-state.ts';
import type { Expunges, MailboxChanges } from '../../store/store.ts';
import type { MailboxId, MessageRows, ModSeq, Uid, UidValidity } from '../../store/types.ts';
import type { LoadedView } from '../mailbox-view.ts';

export type ModelMessage = { readonly uid: number; readonly flags: number; readonly modSeq: number };

export function rowsOf(messages: readonly ModelMessage[]): MessageRows {
  const count = messages.length;
  return {
    count,
    uids: Uint32Array.from(messages, (m) => m.uid),
    flags: Uint32Array.from(messages, (m) => m.flags),
    keywordsLow: new Uint32Array(count),
    keywordsHigh: new Uint32Array(count),
    modSeqs: Float64Array.from(messages, (m) => m.modSeq),
  };
}

/** A mailbox as a database would keep it: the truth that views are held against. */
export class ModelMailbox {
  messages: ModelMessage[] = [];
  #tombstones: { readonly uid: number; readonly modSeq: number }[] = [];
  /** Tombstones of what was expunged up to here are gone. */
  #knownFrom = 0;
  #uidNext = 1;
  #modSeq = 1;
  #forks: Fork[] = [];
  #replica: ModelMailbox | null = null;

  get state(): MailboxState {
    return {
      id: '00000000-0000-4000-8000-000000000001' as MailboxId,
      owner: 'ann',
      name: 'INBOX',
      uidValidity: 1 as UidValidity,
      uidNext: this.#uidNext as Uid,
      highestModSeq: this.#modSeq as ModSeq,
      messages: this.messages.length,
      unseen: 0,
      deleted: 0,
      size: 0,
      keywords: [],
      recentFrom: 1 as Uid,
      recent: 0,
      forks: this.#forks,
    };
  }

  append(count: number): { readonly uids: readonly Uid[]; readonly modSeq: ModSeq } {
    this.#modSeq += 1;
    const first = this.#uidNext;
    for (let i = 0; i < count; i++) {
      this.messages.push({ uid: this.#uidNext, flags: 0, modSeq: this.#modSeq });
      this.#uidNext += 1;
    }
    const uids = Array.from({ length: count }, (_, i) => (first + i) as Uid);
    return { uids, modSeq: this.#modSeq as ModSeq };
  }

  store(uids: readonly number[], flags: number): { modSeq: ModSeq; rows: MessageRows } {
    this.#modSeq += 1;
    this.messages = this.messages.map((m) => (uids.includes(m.uid) ? { uid: m.uid, flags, modSeq: this.#modSeq } : m));
    return { modSeq: this.#modSeq as ModSeq, rows: rowsOf(this.messages.filter((m) => uids.includes(m.uid))) };
  }

  expunge(uids: readonly number[]): { modSeq: ModSeq; uids: readonly Uid[] } {
    this.#modSeq += 1;
    const gone = this.messages.filter((m) => uids.includes(m.uid)).map((m) => m.uid);
    this.messages = this.messages.filter((m) => !gone.includes(m.uid));
    for (const uid of gone) this.#tombstones.push({ uid, modSeq: this.#modSeq });
    return { modSeq: this.#modSeq as ModSeq, uids: gone as Uid[] };
  }

  load(): LoadedView {
    return { state: this.state, rows: rowsOf(this.messages) };
  }

  changes(since: number): MailboxChanges {
    const lost = this.#forks.some((fork) => fork.modSeq < since && since <= fork.modSeq + fork.gap);
    if (lost || since === 0 || since < this.#knownFrom) return { ...this.load(), expunged: [], whole: true };
    const rows = rowsOf(this.messages.filter((m) => m.modSeq > since));
    const expunged = this.#tombstones.filter((t) => t.modSeq > since).map((t) => t.uid as Uid);
    return { state: this.state, rows, expunged, whole: false };
  }

  /** As `Store.loadExpunges` tells it. */
  expunges(since: number): Expunges | null {
    const unknown = since === 0 || since < this.#knownFrom || changesSince(this.state, since as ModSeq) !== since;
    if (unknown) return null;
    const uids = this.#tombstones.filter((t) => t.modSeq > since).map((t) => t.uid);
    return { state: this.state, uids: Uint32Array.from(uids).sort() };
  }

  /** The collector takes the tombstones. */
  forgetExpunges(): void {
    this.#knownFrom = Math.max(this.#knownFrom, ...this.#tombstones.map((t) => t.modSeq));
    this.#tombstones = [];
  }

  /** What a replica has received up to now. */
  replicate(): void {
    this.#replica = this.#copy();
  }

  /** The primary dies: what the replica had received is all there is, and identifiers jump. */
  failOver(gap: number): void {
    const replica = this.#replica;
    if (replica === null) return;
    this.messages = [...replica.messages];
    this.#tombstones = [...replica.#tombstones];
    this.#knownFrom = replica.#knownFrom;
    this.#forks = [...replica.#forks, { modSeq: replica.#modSeq as ModSeq, gap }];
    this.#uidNext = replica.#uidNext + gap;
    this.#modSeq = replica.#modSeq + gap;
    this.#replica = this.#copy();
  }

  #copy(): ModelMailbox {
    const copy = new ModelMailbox();
    copy.messages = [...this.messages];
    copy.#tombstones = [...this.#tombstones];
    copy.#knownFrom = this.#knownFrom;
    copy.#uidNext = this.#uidNext;
    copy.#modSeq = this.#modSeq;
    copy.#forks = [...this.#forks];
    return copy;
  }
}
