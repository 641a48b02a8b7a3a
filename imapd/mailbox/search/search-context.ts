import type { FetchItem } from '../../protocol/fetch-item.ts';
import type { SearchKey } from '../../protocol/searching/search-key.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import type { MessageSelection } from '../mailbox-cursor.ts';
import { difference, NO_UIDS, union } from '../sorted-uids.ts';
import { quotedTag } from './quoted-tag.ts';
import { dependsOnFlags } from './search-plan.ts';

/** Ranges that one context may keep: 128 KiB. */
export const MOST_CONTEXT_RANGES = 8192;

export type NewContext = {
  /** Of the command that asked for it. */
  readonly tag: string;
  readonly uid: boolean;
  /** See `frozenKey`. */
  readonly key: SearchKey;
  /** UIDs of what the command found. */
  readonly found: IdSet;
  /** What is told of new messages that are found (RFC 5465, 7). */
  readonly fetch: readonly FetchItem[];
  /** So many of them may wait to be told. */
  readonly mostFetched: number;
};

/** UIDs, ascending: what has arrived, what of it others have brought, and of what the flags have changed. */
export type MessagesChanged = {
  readonly arrived: Uint32Array;
  readonly brought: Uint32Array;
  readonly changed: Uint32Array;
};

/** What was found of messages that had to be looked at again, and how the client numbers them. */
export type LookedAgain = { readonly messages: MessageSelection; readonly found: ReadonlySet<number> };

/** A search whose results are kept up (RFC 5267, 4.3): by UID, for those stay. */
export class SearchContext {
  readonly tag: string;
  readonly key: SearchKey;
  readonly fetch: readonly FetchItem[];
  readonly mostFetched: number;
  /** Its results are told by UID. */
  readonly uid: boolean;
  readonly #byFlags: boolean;
  #results: IdSet;
  #pending: Uint32Array = NO_UIDS;
  /** Of what others have brought, what `takeNewcomers` has not given or passed over yet. */
  #brought: Uint32Array = NO_UIDS;

  constructor({ tag, uid, key, found, fetch, mostFetched }: NewContext) {
    this.tag = tag;
    this.fetch = fetch;
    this.mostFetched = mostFetched;
    this.key = key;
    this.uid = uid;
    this.#byFlags = dependsOnFlags(key);
    this.#results = found;
  }

  /** UIDs of messages that may have come into the results, or left them, since it was looked last; ascending. */
  get pending(): Uint32Array {
    return this.#pending;
  }

  /** The results are too scattered to be kept any longer. */
  get overgrown(): boolean {
    return this.#results.bounds.length > 2 * MOST_CONTEXT_RANGES;
  }

  note({ arrived, brought, changed }: MessagesChanged): void {
    this.#pending = union(union(this.#pending, arrived), this.#byFlags ? changed : NO_UIDS);
    if (this.fetch.length > 0) this.#brought = union(this.#brought, brought);
  }

  /** New messages that were found of which more is to be told: each once, and none while it is undecided which are found. */
  takeNewcomers(): Uint32Array {
    if (this.#pending.length > 0) return NO_UIDS;
    const found = this.#brought.filter((uid) => this.#results.has(uid));
    this.#brought = NO_UIDS;
    return found;
  }

  /** REMOVEFROM of those that are about to be told as gone, by the numbers that they have until then; null where none was a result. */
  expunge({ uids, sequences }: MessageSelection): string | null {
    const ids = Array.from(uids, (uid, at) => (this.#results.has(uid) ? this.#idOf(uid, sequences[at] ?? 0) : 0));
    this.#results = this.#results.without(uids);
    this.#pending = difference(this.#pending, uids);
    this.#brought = difference(this.#brought, uids);
    const gone = ids.filter((id) => id > 0);
    return gone.length === 0 ? null : this.#response([`REMOVEFROM (0 ${IdSet.of(gone)})`]);
  }

  /** Takes in what was found of `pending`. Gives what the client is told; null where the results are the same. */
  update({ messages, found }: LookedAgain): string | null {
    const [added, removed]: [number[], number[]] = [[], []];
    const [into, outOf]: [number[], number[]] = [[], []];
    for (const [at, uid] of messages.uids.entries()) {
      const [is, was] = [found.has(uid), this.#results.has(uid)];
      if (is === was) continue;
      (is ? into : outOf).push(uid);
      (is ? added : removed).push(this.#idOf(uid, messages.sequences[at] ?? 0));
    }
    this.#pending = NO_UIDS;
    if (into.length + outOf.length === 0) return null;
    const left = this.#results.without(outOf);
    this.#results = IdSet.ofRanges([...left.bounds, ...into.flatMap((uid) => [uid, uid])]);
    return this.#response([
      ...(removed.length === 0 ? [] : [`REMOVEFROM (0 ${IdSet.of(removed)})`]),
      ...(added.length === 0 ? [] : [`ADDTO (0 ${IdSet.of(added)})`]),
    ]);
  }

  #idOf(uid: number, sequence: number): number {
    return this.uid ? uid : sequence;
  }

  #response(items: readonly string[]): string {
    return `${[`* ESEARCH (TAG ${quotedTag(this.tag)})`, ...(this.uid ? ['UID'] : []), ...items].join(' ')}\r\n`;
  }
}
