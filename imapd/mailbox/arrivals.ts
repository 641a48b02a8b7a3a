import type { FetchItem } from '../protocol/fetch-item.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { Output } from '../session/output.ts';
import { ContentCorrupt } from '../store/content-store.ts';
import { fetchFromView } from './fetch/fetch-from-view.ts';
import { fieldsOfItems, keyOfItems } from './fetch/fetch-plan.ts';
import { MessageWriter } from './fetch/message-writer.ts';
import type { MessageSelection } from './mailbox-cursor.ts';
import { learntAt, uidList } from './message-ids.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';
import { withoutHold } from './without-hold.ts';

/** Messages up to this size come in batches, whole. */
const RAW_UP_TO = 256 * 1024;
/** Longest time that reading them may take; what is left is told with what comes next. */
const READ_MS = 30_000;

type Alike = { readonly items: readonly FetchItem[]; readonly uids: Uint32Array };
type Wanted = { readonly items: readonly FetchItem[] };

/** New messages of one selection of which the client is told more than that they are there (RFC 5465, 5.2 and 7). */
export class Arrivals {
  readonly #wanted = new Map<number, Wanted>();

  /** Something is still to be told. */
  get pending(): boolean {
    return this.#wanted.size > 0;
  }

  /** Messages of which something is still to be told. */
  get size(): number {
    return this.#wanted.size;
  }

  /** Tells this of a message, beside what others want told of it: in one FETCH, and each thing once. */
  want(uid: number, items: readonly FetchItem[]): void {
    const known = this.#wanted.get(uid)?.items ?? [];
    const keys = new Set(known.map((item) => keyOfItems([item])));
    this.#wanted.set(uid, { items: [...known, ...items.filter((item) => !keys.has(keyOfItems([item])))] });
  }

  forget(): void {
    this.#wanted.clear();
  }

  /** What cannot be read is told no more, and by no later call: the client knows that the message is there. */
  async tell(selected: SelectedMailbox, output: Output): Promise<void> {
    const alike = Map.groupBy(this.#wanted, ([, { items }]) => keyOfItems(items));
    for (const group of alike.values()) {
      const items = group[0]?.[1].items ?? [];
      const uids = Uint32Array.from(group, ([uid]) => uid).sort();
      await this.#tellAlike(selected, { items, uids }, output);
    }
  }

  /** A message that is damaged on every server is passed over, and keeps no other one from being told. */
  async #tellAlike(selected: SelectedMailbox, { items, uids }: Alike, output: Output): Promise<void> {
    try {
      await withoutHold((attempt) => this.#fetch({ selected, items, uids }, { output, attempt }), READ_MS);
    } catch (error) {
      const left = uids.filter((uid) => this.#wanted.has(uid));
      if (!(error instanceof ContentCorrupt) || left.length <= 1) for (const uid of left) this.#wanted.delete(uid);
      if (!(error instanceof ContentCorrupt)) throw error;
      if (left.length <= 1) return;
      const half = left.length >> 1;
      for (const some of [left.slice(0, half), left.slice(half)]) {
        await this.#tellAlike(selected, { items, uids: some }, output);
      }
    }
  }

  async #fetch(
    { selected, items, uids }: Alike & { readonly selected: SelectedMailbox },
    { output, attempt }: { readonly output: Output; readonly attempt: Attempt },
  ): Promise<void> {
    const messages = present(selected, uids);
    const fields = fieldsOfItems(items);
    if (fields.size === 0) await fetchFromView(selected, { items, messages }, output);
    else {
      const writer = new MessageWriter(selected, { output, attempt });
      const { mailbox, store, cursor } = selected;
      const named = { mailbox, uids: uidList(messages.uids), fields, rawUpTo: RAW_UP_TO };
      for await (const batch of store.readMessages({ ...named, ...learntAt(messages.uids, cursor) }, attempt)) {
        for (const content of batch) {
          await writer.write({ content, sequence: cursor.sequenceOf(content.uid), items });
        }
        await writer.flush();
        for (const { uid } of batch) this.#wanted.delete(uid);
      }
    }
    for (const uid of uids) this.#wanted.delete(uid);
  }
}

/** Those that the session has: the others are gone by now. */
function present({ cursor }: SelectedMailbox, uids: Uint32Array): MessageSelection {
  const kept = uids.filter((uid) => cursor.sequenceOf(uid) > 0);
  return { uids: kept, sequences: Uint32Array.from(kept, (uid) => cursor.sequenceOf(uid)) };
}
