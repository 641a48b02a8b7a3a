import type { MailboxId } from '../store/types.ts';
import type { WatchedMailbox } from './watched-mailbox.ts';

/** Whose view of which mailbox. `reader` null: of all who have no \Seen of their own there. */
export type Viewed = { readonly mailbox: MailboxId; readonly reader: string | null };

/** By a text for each; identifiers of mailboxes have no spaces. */
export const keyOf = ({ mailbox, reader }: Viewed): string => (reader === null ? mailbox : `${mailbox} ${reader}`);

/** The views of a process: of a mailbox one for everybody, and one for each reader who has \Seen of his own in it. */
export class ViewTable {
  readonly #byKey = new Map<string, WatchedMailbox>();
  readonly #byMailbox = new Map<MailboxId, Set<WatchedMailbox>>();

  get(viewed: Viewed): WatchedMailbox | undefined {
    return this.#byKey.get(keyOf(viewed));
  }

  /** In place of one that is there. */
  put(watched: WatchedMailbox): void {
    this.delete(watched);
    this.#byKey.set(keyOf(watched), watched);
    this.#byMailbox.getOrInsertComputed(watched.mailbox, () => new Set()).add(watched);
  }

  delete(viewed: Viewed): void {
    const known = this.get(viewed);
    if (known === undefined) return;
    this.#byKey.delete(keyOf(viewed));
    const all = this.#byMailbox.get(viewed.mailbox);
    all?.delete(known);
    if (all?.size === 0) this.#byMailbox.delete(viewed.mailbox);
  }

  /** All of one mailbox. */
  of(mailbox: MailboxId): readonly WatchedMailbox[] {
    return [...(this.#byMailbox.get(mailbox) ?? [])];
  }

  all(): Iterable<WatchedMailbox> {
    return this.#byKey.values();
  }
}
