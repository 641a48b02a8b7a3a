import type { Store } from '../store/store.ts';
import type { WatchedMailbox } from './watched-mailbox.ts';
import { withoutHold } from './without-hold.ts';

/** What is under way for each mailbox that had changed. */
type Refreshing = ReadonlyMap<WatchedMailbox, Promise<unknown>>;

type Glance = { readonly mailboxes: Set<WatchedMailbox>; readonly refreshing: Promise<Refreshing> };

/**
 * Looks whether mailboxes have changed, those of all sessions that ask in the same turn of the event loop by one statement, and
 * refreshes those that have. A NOOP that finds nothing, as nearly all do, costs no more than that.
 */
export class Glances {
  readonly #glances = new Map<Store, Glance>();

  /** Settles when the view has all that the primary had at the call, as far as there is a writer. */
  async at(mailbox: WatchedMailbox): Promise<void> {
    const { mailboxes, refreshing } = this.#glances.getOrInsertComputed(mailbox.store, (store) => this.#begin(store));
    mailboxes.add(mailbox);
    await (await refreshing).get(mailbox);
  }

  #begin(store: Store): Glance {
    const mailboxes = new Set<WatchedMailbox>();
    const { promise: turn, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    const refreshing = turn.then(async () => {
      // Who asks from now on may ask for a change that this answer does not have.
      this.#glances.delete(store);
      return await refreshChanged(store, mailboxes);
    });
    return { mailboxes, refreshing };
  }
}

async function refreshChanged(store: Store, mailboxes: ReadonlySet<WatchedMailbox>): Promise<Refreshing> {
  const ids = Array.from(mailboxes, ({ mailbox }) => mailbox);
  const newest = await withoutHold((attempt) => store.newestOf(ids, attempt));
  if (newest === 'unavailable') return new Map();
  const changed = [...mailboxes].filter((mailbox) => !mailbox.isAt(newest.get(mailbox.mailbox)));
  return new Map(changed.map((mailbox) => [mailbox, mailbox.refresh()]));
}
