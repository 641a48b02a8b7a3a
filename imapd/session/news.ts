import { setImmediate } from 'node:timers/promises';
import type { FetchItem } from '../protocol/fetch-item.ts';
import type { MailboxId, Uid } from '../store/types.ts';
import type { Output } from './output.ts';
import type { Selection } from './selection.ts';

/** What a client that has used NOTIFY wants to hear of its selected mailbox (RFC 5465, 6.1). */
export type SelectedNews = {
  /** New and expunged messages: at once; at once, but for those that are gone; or never. */
  readonly messages: 'now' | 'delayed' | 'never';
  readonly flags: boolean;
  /** What is told of messages that others bring; empty: that they are there. */
  readonly fetch: readonly FetchItem[];
};

/** What the session has changed itself, by the state that its client knows by that. */
export type OwnChange =
  /** The name is one of these mailboxes', or, where there are none, nobody's. */
  | { readonly kind: 'name'; readonly name: string; readonly mailboxes: readonly MailboxId[] }
  | { readonly kind: 'subscription'; readonly name: string; readonly subscribed: boolean }
  /** These messages, and all between them, have come into a mailbox, by one change. */
  | { readonly kind: 'arrival'; readonly mailbox: MailboxId; readonly first: Uid; readonly last: Uid };

/** What a client hears without asking, also between commands; implemented in imapd/mailbox/notify. */
export interface News {
  readonly selected: SelectedNews;
  /** There is something to tell. */
  readonly waiting: boolean;
  /** Calls `listener` when there is something to tell, until it is replaced or taken away. */
  listen(selection: Selection | null, listener: (() => void) | null): void;
  /**
   * Tells what there is. `idle`: the client is in IDLE, where message numbers may move.
   * @throws ConnectionClosed
   */
  deliver(output: Output, idle: boolean): Promise<void>;
  /** The client is not told of what its own commands have done. */
  did(change: OwnChange): void;
  /** So many new messages, all together, may wait to be fetched for the client; false: that overflows what may wait for it. */
  admits(messages: number): boolean;
  close(): void;
}

/** Tells the client what there is, whenever there is something, until `coming` has settled. @throws ConnectionClosed */
export async function deliverUntil(
  coming: Promise<unknown>,
  news: News,
  { output, selection }: { readonly output: Output; readonly selection: Selection | null },
): Promise<void> {
  let over = false;
  let wake: () => void = () => undefined;
  const end = (): void => {
    over = true;
    wake();
  };
  coming.then(end, end);
  news.listen(selection, () => wake());
  try {
    // What came in one piece with the last command is read without waiting for anything: it goes first.
    await setImmediate();
    while (!over) {
      if (news.waiting) await news.deliver(output, false);
      if (over || news.waiting) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  } finally {
    news.listen(selection, null);
  }
}
