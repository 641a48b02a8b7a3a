import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import { type Attempt, RepositoryUnavailable } from '../routing/repository-access.ts';
import type { Store } from '../store/store.ts';
import type { MailboxId, ModSeq } from '../store/types.ts';
import { Glances } from './glances.ts';
import type { Hint } from './hints/hint.ts';
import { MailboxCursor } from './mailbox-cursor.ts';
import type { Appended, MailboxView } from './mailbox-view.ts';
import { keyOf, type Viewed, ViewTable } from './view-table.ts';
import { WatchedMailbox } from './watched-mailbox.ts';
import { withoutHold } from './without-hold.ts';

/** How old a session's picture of its mailbox may get while hints are lost. */
const POLL_MS = 1000;
/** A view that nobody has selected is kept this long: clients leave a mailbox and come back. */
const LINGER_MS = 30_000;
/** Messages in views that nobody has selected, together: 4 MiB. */
const LINGERING_MESSAGES = 170_000;

export type KnownMailbox = {
  readonly store: Store;
  readonly owner: string;
  readonly name: string;
  /** Only one that somebody has selected now, and that was up to date while there was a writer. */
  readonly watched: boolean;
};

export type OpenViewsOptions = {
  readonly log: Logger;
  /** Tells the other processes; see `HintSender`. */
  readonly tellPeers: (mailbox: MailboxId, modSeq: number) => void;
  /** A mailbox has changed, here or elsewhere: for those who watch it without having selected it. Must be cheap. */
  readonly onChange?: (mailbox: MailboxId) => void;
};

/**
 * The views of all mailboxes that sessions of this process have selected: one each, however many sessions; and one more for each user
 * who has \Seen of his own in it.
 */
export class OpenViews {
  readonly #options: OpenViewsOptions;
  readonly #mailboxes = new ViewTable();
  /** By `keyOf`. */
  readonly #loading = new Map<string, Promise<WatchedMailbox | null>>();
  /** Since when nobody has selected them, in ms of `performance.now()`. */
  readonly #idleSince = new Map<WatchedMailbox, number>();
  readonly #polling = new Set<Store>();
  readonly #glances = new Glances();

  constructor(options: OpenViewsOptions) {
    this.#options = options;
  }

  /** Mailboxes that somebody has selected. */
  get watched(): readonly WatchedMailbox[] {
    return Array.from(this.#mailboxes.all()).filter((mailbox) => mailbox.view.readers > 0);
  }

  /**
   * A new session's place in a mailbox, up to date; without a writer as it was known last, if it was. A view that nobody
   * watched may be old, and must not show less than a session elsewhere has seen: it waits for a writer first. null where
   * the mailbox is gone. The caller closes the cursor by `leave`.
   */
  open(store: Store, mailbox: MailboxId, attempt: Attempt): Promise<MailboxCursor | null> {
    return this.openBy(store, { mailbox, reader: null }, attempt);
  }

  /** The same as a reader sees it who may have \Seen of his own. */
  async openBy(store: Store, viewed: Viewed, attempt: Attempt): Promise<MailboxCursor | null> {
    const known = this.#mailboxes.get(viewed);
    if (known?.store !== store) return this.#cursorOf(await this.#load(store, viewed, attempt));
    this.#idleSince.delete(known); // nobody may let it go while it is refreshed
    try {
      if (known.view.readers > 0) await known.refresh();
      else await this.#awaitWriter(known, attempt);
      return this.#cursorOf(known.view.deleted ? null : known);
    } finally {
      this.#noteIdle(known);
    }
  }

  /** A session's place in a mailbox as it is known here, for when there is no writer to ask; null where it is not known. */
  openKnown(known: KnownMailbox): MailboxCursor | null {
    for (const mailbox of this.#mailboxes.all()) {
      const { state, deleted, readers } = mailbox.view;
      const same =
        mailbox.reader === null &&
        mailbox.store === known.store &&
        state.owner === known.owner &&
        state.name === known.name;
      if (same && !deleted && (readers > 0 || !known.watched)) return this.#cursorOf(mailbox);
    }
    return null;
  }

  leave(cursor: MailboxCursor): void {
    cursor.close();
    const mailbox = this.#mailboxes.get(viewedBy(cursor.view));
    if (mailbox !== undefined) this.#noteIdle(mailbox);
  }

  /** Brings the view of a mailbox up to date, where there is one and there is a writer. */
  async refresh(mailbox: MailboxId, reader: string | null = null): Promise<void> {
    const known = this.#mailboxes.get({ mailbox, reader });
    if (known !== undefined && !known.view.deleted) await this.#glances.at(known);
  }

  /**
   * Brings the view of a mailbox up to date, where there is one, however long that takes.
   * @throws RepositoryUnavailable where the wait for a writer ended in vain
   */
  async catchUp(viewed: Viewed, attempt: Attempt): Promise<void> {
    await this.#mailboxes.get(viewed)?.catchUp(attempt);
  }

  /** This process has put messages into a mailbox: to be told before `announce`, which then need not ask for them. */
  appended(mailbox: MailboxId, appended: Appended): void {
    const known = this.#mailboxes.get({ mailbox, reader: null });
    if (known !== undefined && known.view.readers > 0) known.view.applyAppended(appended);
  }

  /**
   * This process has changed a mailbox (APPEND, COPY, STORE …): tells the other processes, and settles once the view here
   * has the change too, so that a session is told of it before its command ends. `modSeq` null: not known. Without a
   * writer it does not wait, unless an `attempt` says how long: what is done is done.
   */
  async announce(mailbox: MailboxId, modSeq: ModSeq | null, attempt?: Attempt): Promise<void> {
    this.#options.tellPeers(mailbox, modSeq ?? 0);
    this.#options.onChange?.(mailbox);
    await Promise.all(this.#mailboxes.of(mailbox).map((known) => this.#catchUpTo(known, modSeq, attempt)));
  }

  async #catchUpTo(known: WatchedMailbox, modSeq: ModSeq | null, attempt: Attempt | undefined): Promise<void> {
    if (known.view.readers === 0) return; // whoever selects it refreshes it first
    if (modSeq !== null && known.view.modSeq >= modSeq) return;
    const outcome = await known.refresh();
    if (outcome === 'unavailable' && attempt !== undefined) await this.#awaitWriter(known, attempt);
  }

  /** In vain is no failure: what is known has to do, and what was changed is changed. */
  async #awaitWriter(mailbox: WatchedMailbox, attempt: Attempt): Promise<void> {
    try {
      await mailbox.catchUp(attempt);
    } catch (error) {
      if (!(error instanceof RepositoryUnavailable)) throw error;
    }
  }

  /** Another process says that mailboxes changed. */
  heard(hints: readonly Hint[]): void {
    for (const hint of hints) {
      this.#options.onChange?.(hint.mailbox);
      for (const known of this.#mailboxes.of(hint.mailbox)) {
        if (known.view.readers === 0) continue;
        if (hint.modSeq === 0 || known.view.modSeq < hint.modSeq) this.#refreshSoon(known);
      }
    }
  }

  /** Polls until `signal` fires: the truth behind the hints. */
  async watch(signal: AbortSignal): Promise<void> {
    while ((await pause(POLL_MS, signal)) === 'elapsed') {
      this.#evict();
      const byStore = Map.groupBy(this.watched, (mailbox) => mailbox.store);
      for (const [store, mailboxes] of byStore) if (!this.#polling.has(store)) void this.#poll(store, mailboxes);
    }
  }

  /** One statement for all watched mailboxes of a partition. */
  async #poll(store: Store, mailboxes: readonly WatchedMailbox[]): Promise<void> {
    this.#polling.add(store);
    try {
      await withoutHold(async (attempt) => {
        const newest = await store.newestOf([...new Set(mailboxes.map(({ mailbox }) => mailbox))], {
          ...attempt,
          inBackground: true,
        });
        for (const mailbox of mailboxes) {
          if (!mailbox.isAt(newest.get(mailbox.mailbox))) this.#refreshSoon(mailbox);
        }
      });
    } catch (error) {
      this.#options.log.event('Unexpected', { error: String(error) }, 'The poll of watched mailboxes failed.');
    } finally {
      this.#polling.delete(store);
    }
  }

  #refreshSoon(mailbox: WatchedMailbox): void {
    mailbox.refresh().catch((error: unknown) => {
      this.#options.log.event(
        'Unexpected',
        { mailbox: mailbox.mailbox, error: String(error) },
        'A view was not refreshed.',
      );
    });
  }

  /** Sessions that select a mailbox at the same time load it once. */
  async #load(store: Store, viewed: Viewed, attempt: Attempt): Promise<WatchedMailbox | null> {
    const key = keyOf(viewed);
    const shared = this.#loading.get(key);
    if (shared !== undefined) {
      const loaded = await shared.catch(() => undefined); // the other session may be gone: then it is our turn
      if (loaded === null || loaded?.store === store) return loaded;
    }
    const loading = this.#loadOnce(store, viewed, attempt).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #loadOnce(store: Store, viewed: Viewed, attempt: Attempt): Promise<WatchedMailbox | null> {
    const { mailbox, reader } = viewed;
    const loaded = await (reader === null
      ? store.loadView(mailbox, attempt)
      : store.loadViewBy({ mailbox, reader }, attempt));
    if (loaded === null) return null;
    const known = this.#mailboxes.get(viewed);
    // A partition that comes back has another store: what was loaded from the one before is asked there, in vain.
    const watched = known?.store === store ? known : new WatchedMailbox(store, loaded, reader);
    if (known !== watched) this.#mailboxes.put(watched);
    return watched;
  }

  #cursorOf(mailbox: WatchedMailbox | null): MailboxCursor | null {
    if (mailbox === null) return null;
    this.#idleSince.delete(mailbox);
    return new MailboxCursor(mailbox.view);
  }

  #noteIdle(mailbox: WatchedMailbox): void {
    if (mailbox.view.readers > 0) return;
    this.#idleSince.set(mailbox, performance.now());
    this.#evict();
  }

  /** Lets views go that nobody has selected for long, the longest first where they hold too much. */
  #evict(): void {
    const now = performance.now();
    let kept = 0;
    for (const [watched, since] of Array.from(this.#idleSince).reverse()) {
      const { view } = watched;
      const isKnown = this.#mailboxes.get(watched) === watched;
      if (isKnown) kept += view.table.count;
      if (isKnown && !view.deleted && now - since < LINGER_MS && kept <= LINGERING_MESSAGES) continue;
      this.#idleSince.delete(watched);
      if (isKnown) this.#mailboxes.delete(watched);
    }
  }
}

const viewedBy = ({ state, reader }: MailboxView): Viewed => ({ mailbox: state.id, reader });
