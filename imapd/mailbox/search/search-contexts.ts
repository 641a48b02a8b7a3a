import type { FetchItem } from '../../protocol/fetch-item.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import type { MessageSelection, ViewUpdates } from '../mailbox-cursor.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { withoutHold } from '../without-hold.ts';
import { noUpdate } from './quoted-tag.ts';
import { runSearch } from './run-search.ts';
import { type NewContext, SearchContext } from './search-context.ts';

/** Longest time that looking at changed messages may take; what is not decided then is looked at when there is news again. */
const LOOK_MS = 30_000;

/** New messages that a search has found, and what its client wants to be told of them. */
export type Newcomers = { readonly uids: Uint32Array; readonly items: readonly FetchItem[] };
export type LookedAt = { readonly lines: readonly string[]; readonly newcomers: readonly Newcomers[] };

/** The searches of one selection whose results are kept up (CONTEXT=SEARCH, RFC 5267). They end with it. */
export class SearchContexts {
  readonly #contexts = new Map<string, SearchContext>();

  get size(): number {
    return this.#contexts.size;
  }

  /** Something must still be looked at: its database could not be asked. */
  get pending(): boolean {
    return this.#contexts.values().some(({ pending }) => pending.length > 0);
  }

  has(tag: string): boolean {
    return this.#contexts.has(tag);
  }

  open(context: NewContext): void {
    this.#contexts.set(context.tag, new SearchContext(context));
  }

  /** false: there is none of this tag. */
  cancel(tag: string): boolean {
    return this.#contexts.delete(tag);
  }

  /** What is told before EXPUNGE and VANISHED: while message numbers are what they were (RFC 5267, 4.3.4). */
  *expunge({ vanished, expunged }: ViewUpdates): Generator<string> {
    if (vanished.length === 0) return;
    const gone = { uids: Uint32Array.from(vanished), sequences: Uint32Array.from(expunged).reverse() };
    for (const context of this.#contexts.values()) {
      const line = context.expunge(gone);
      if (line !== null) yield line;
    }
  }

  /**
   * Looks at what has arrived and changed: what is to be told of the results, and of new messages among them. Waits for no
   * database: what cannot be looked at now is the next time.
   */
  async look(selected: SelectedMailbox, news: ViewUpdates, arrived: Uint32Array): Promise<LookedAt> {
    const lines: string[] = [];
    const newcomers: Newcomers[] = [];
    const changed = Uint32Array.from([...news.changed, ...news.own]).sort();
    // All note it first: looking may fail.
    for (const context of this.#contexts.values()) context.note(arrived, changed);
    for (const context of this.#contexts.values()) {
      if (context.pending.length === 0) continue;
      lines.push(...(await this.#lookAgain(context, selected)));
      const { fetch } = context;
      if (fetch.length > 0) newcomers.push({ uids: arrived.filter((uid) => context.has(uid)), items: fetch });
    }
    return { lines, newcomers };
  }

  async #lookAgain(context: SearchContext, selected: SelectedMailbox): Promise<readonly string[]> {
    const messages = present(selected, context.pending);
    const run = { selected, saved: IdSet.EMPTY, now: new Date(0), among: messages, onProgress: async () => undefined };
    const found = await withoutHold((attempt) => runSearch(context.key, { ...run, attempt }), LOOK_MS);
    if (found === 'unavailable') return [];
    const line = context.update({ messages, found: new Set(found.map(({ uid }) => uid)) });
    const lines = line === null ? [] : [line];
    if (!context.overgrown) return lines;
    this.#contexts.delete(context.tag);
    return [...lines, noUpdate(context.tag, 'The results are too scattered to be kept up')];
  }
}

/** Those of some messages that the session has. */
function present({ cursor }: SelectedMailbox, uids: Uint32Array): MessageSelection {
  const kept = uids.filter((uid) => cursor.sequenceOf(uid) > 0);
  return { uids: kept, sequences: Uint32Array.from(kept, (uid) => cursor.sequenceOf(uid)) };
}
