import { IdSet } from '../../protocol/sets/id-set.ts';
import { ContentCorrupt } from '../../store/content-store.ts';
import type { MessageSelection, ViewUpdates } from '../mailbox-cursor.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { withoutHold } from '../without-hold.ts';
import { noUpdate } from './quoted-tag.ts';
import { runSearch } from './run-search.ts';
import { type MessagesChanged, type NewContext, SearchContext } from './search-context.ts';

/** Longest time that all searches together may look at changed messages; what is not decided then is looked at when there is news again. */
const LOOK_MS = 30_000;

/** New messages that a search has found whose client wants to be told of them. */
export type Newcomers = { readonly uids: Uint32Array; readonly context: SearchContext };
export type LookedAt = {
  readonly lines: readonly string[];
  readonly newcomers: readonly Newcomers[];
  /** What went wrong, for whoever can note it; the searches concerned have ended. */
  readonly faults: readonly unknown[];
};

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

  /** One of them wants more told of new messages than that they are found. */
  get fetching(): boolean {
    return this.#contexts.values().some(({ fetch }) => fetch.length > 0);
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

  /** Ends one against its client's will: gives what the client is told (RFC 5267, 4.3.1). */
  end({ tag }: SearchContext, why: string): string {
    this.#contexts.delete(tag);
    return noUpdate(tag, why);
  }

  /** Message numbers are not told any more (RFC 9586): gives what the client is told of searches that go by them. */
  endNumbered(): readonly string[] {
    const numbered = Array.from(this.#contexts.values()).filter(({ uid }) => !uid);
    return numbered.map((context) => this.end(context, 'Message numbers are told no more'));
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
   * Looks at what has arrived and changed: what is to be told of the results, and of new messages among them. A command waits for
   * it before it is answered, so for no writer, and LOOK_MS at most: what cannot be looked at now is the next time. A search that
   * fails ends, so that it fails once; never rejects.
   */
  async look(selected: SelectedMailbox, news: MessagesChanged): Promise<LookedAt> {
    const lines: string[] = [];
    const newcomers: Newcomers[] = [];
    const faults: unknown[] = [];
    // All note it first: looking may fail.
    for (const context of this.#contexts.values()) context.note(news);
    const until = performance.now() + LOOK_MS;
    for (const context of this.#contexts.values()) {
      if (context.pending.length === 0) continue;
      try {
        lines.push(...(await this.#lookAgain(context, selected, until)));
      } catch (error) {
        lines.push(this.end(context, 'Messages that it looks at cannot be read'));
        // Content that is damaged on every server has been noted by whoever read it.
        if (!(error instanceof ContentCorrupt)) faults.push(error);
        continue;
      }
      const uids = context.takeNewcomers();
      if (uids.length > 0) newcomers.push({ uids, context });
    }
    return { lines, newcomers, faults };
  }

  async #lookAgain(context: SearchContext, selected: SelectedMailbox, until: number): Promise<readonly string[]> {
    const left = until - performance.now();
    if (left <= 0) return [];
    const messages = present(selected, context.pending);
    const run = { selected, saved: IdSet.EMPTY, now: new Date(0), among: messages, onProgress: async () => undefined };
    const found = await withoutHold((attempt) => runSearch(context.key, { ...run, attempt }), left);
    if (found === 'unavailable') return [];
    const line = context.update({ messages, found: new Set(found.map(({ uid }) => uid)) });
    const lines = line === null ? [] : [line];
    if (!context.overgrown) return lines;
    return [...lines, this.end(context, 'The results are too scattered to be kept up')];
  }
}

/** Those of some messages that the session has. */
function present({ cursor }: SelectedMailbox, uids: Uint32Array): MessageSelection {
  const kept = uids.filter((uid) => cursor.sequenceOf(uid) > 0);
  return { uids: kept, sequences: Uint32Array.from(kept, (uid) => cursor.sequenceOf(uid)) };
}
