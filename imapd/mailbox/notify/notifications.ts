import type { Logger } from '#runtime/logger.ts';
import type { SharedListing, SharedPage } from '../../acl/shared-listings.ts';
import type { Capabilities } from '../../commands/any-state/capability-table.ts';
import { type EventGroup, ofSelected } from '../../protocol/notify.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import type { News, OwnChange, SelectedNews } from '../../session/news.ts';
import { ConnectionClosed, type Output } from '../../session/output.ts';
import type { Selection } from '../../session/selection.ts';
import type { Session } from '../../session/session.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId } from '../../store/types.ts';
import type { WatchedMailboxState } from '../../store/watched.ts';
import { SelectedMailbox } from '../selected-mailbox.ts';
import { EventFilter, isOfOthers } from './event-filter.ts';
import type { MailboxWatches, Watch } from './mailbox-watches.ts';
import { mayWatch } from './may-watch.ts';
import type { OthersListener, OthersWatch, OthersWorld } from './others/others-watch.ts';
import type { OthersWatches } from './others/others-watches.ts';
import { OwnChanges } from './own-changes.ts';
import { PendingNews } from './pending-news.ts';
import { changesBetween, NO_WORLD, type WatchedChange, type WatchedWorld } from './watched-changes.ts';
import type { WatchListener } from './watched-user.ts';
import { writeFirstStatus, writePending } from './write-news.ts';

/** Octets of responses that are gathered before they are handed to the connection. */
const WRITE_AT = 32 * 1024;

export type NotificationsOptions = {
  readonly session: Session;
  readonly capabilities: Pick<Capabilities, 'has'>;
  readonly watches: MailboxWatches;
  readonly others: OthersWatches;
  /** Mailboxes of others that are watched for one session. */
  readonly mostOthers: number;
  /** Which there are, as far as the user may know. */
  readonly listOthers: (request: OthersRequest, attempt: Attempt) => Promise<SharedPage>;
  /** Whether the number of unseen messages of a mailbox of others is the same for all; otherwise it is not told. */
  readonly sharedSeen: boolean;
  /** Those below which mailboxes are others'. */
  readonly levels: readonly string[];
  /** What may wait to be told. */
  readonly most: number;
  readonly log: Logger;
};

type OthersRequest = {
  readonly levels: readonly string[];
  readonly stores: ReadonlySet<Store> | null;
  readonly most: number;
};

/** RFC 5465, 3.1: who does not speak of the selected mailbox wants nothing of it. */
const NOTHING: SelectedNews = { messages: 'never', flags: false, fetch: [] };

/** What one client has asked for by NOTIFY, and what of it waits to be told (RFC 5465). */
export class Notifications implements News, WatchListener, OthersListener {
  readonly annotations: boolean;
  readonly #options: NotificationsOptions;
  #filter: EventFilter;
  #selected: SelectedNews;
  readonly #pending = new PendingNews();
  readonly #own = new OwnChanges();
  #watch: Watch | null = null;
  #others: OthersWatch | null = null;
  #ready = false;
  #overflown = false;
  /** Something has happened in the selected mailbox since it was told of. */
  #stirred = false;
  #listener: (() => void) | null = null;

  /** `groups` empty: NOTIFY NONE. */
  constructor(groups: readonly EventGroup[], options: NotificationsOptions) {
    this.#options = options;
    this.#filter = new EventFilter(groups, options.levels);
    this.#selected = selectedNews(groups);
    this.annotations = this.#filter.wantsAnywhere('MailboxMetadataChange', 'ServerMetadataChange');
  }

  /**
   * Begins to watch mailboxes that are not selected, if any are wanted. `tooMany`: of others there are more than are watched.
   * @throws RepositoryUnavailable
   */
  async open(attempt: Attempt): Promise<'opened' | 'tooMany'> {
    if (this.#filter.empty) return 'opened';
    const { session, watches, others, mostOthers } = this.#options;
    const { store, name: owner } = session.user;
    this.#watch = await watches.open({ store, owner }, this, attempt);
    if (this.#filter.mayWantOthers) {
      this.#others = await others.open(this, mostOthers, attempt);
      if (this.#others === null) return 'tooMany';
    }
    this.#ready = true;
    return 'opened';
  }

  async listOthers(request: Omit<OthersRequest, 'levels'>, attempt: Attempt): Promise<SharedPage> {
    const { sharedSeen, listOthers } = this.#options;
    const levels = this.#filter.levelsOf(this.#watch?.user.world.subscribed ?? NO_WORLD.subscribed);
    if (levels.length === 0) return NO_PAGE;
    const page = await listOthers({ ...request, levels }, attempt);
    return sharedSeen ? page : { ...page, found: page.found.map(withoutUnseen) };
  }

  heardOfOthers(before: OthersWorld, now: OthersWorld): void {
    const of = (mailboxes: OthersWorld): WatchedWorld => ({ ...NO_WORLD, mailboxes });
    const changes = changesBetween(of(before), of(now));
    if (changes.length > 0) this.#hear(changes);
  }

  tooManyOthers(): void {
    this.#overflow();
    this.#listener?.();
  }

  /** Own mailboxes, and those of others that are watched. */
  get #world(): WatchedWorld {
    const own = this.#watch?.user.world ?? NO_WORLD;
    const others = this.#others?.world;
    if (others === undefined || others.size === 0) return own;
    return { ...own, mailboxes: new Map<MailboxId, WatchedMailboxState>([...own.mailboxes, ...others]) };
  }

  /** STATUS of every mailbox of which events of messages are wanted (RFC 5465, 3.1). */
  async tellStatus(output: Output): Promise<void> {
    const { session, capabilities } = this.#options;
    const world = this.#world;
    const ofFlags = [...(capabilities.has('CONDSTORE') ? (['HIGHESTMODSEQ'] as const) : []), 'UNSEEN'] as const;
    const writer = new ResponseWriter(session.mailboxNames);
    for (const mailbox of world.mailboxes.values()) {
      const subscribed = world.subscribed.has(mailbox.name);
      if (!this.#may(mailbox) || mailbox.id === session.selected?.mailbox) continue;
      if (!this.#filter.wants('MessageNew', mailbox.name, subscribed)) continue;
      const flags = this.#filter.wants('FlagChange', mailbox.name, subscribed);
      writeFirstStatus(
        writer,
        mailbox,
        flags ? ofFlags.filter((item) => item !== 'UNSEEN' || this.#countsUnseen(mailbox.name)) : [],
      );
      if (writer.length > WRITE_AT) await output.write(writer.take());
    }
    if (writer.length > 0) await output.write(writer.take());
  }

  /** RFC 5465, 3.1: what is asked for, and may be listed, and not read. */
  async tellNoAccess(output: Output): Promise<void> {
    const { subscribed } = this.#world;
    const writer = new ResponseWriter(this.#options.session.mailboxNames);
    for (const name of this.#others?.noAccess ?? []) {
      if (this.#filter.wantsAny(name, subscribed.has(name)))
        writer.raw('* LIST (\\NoAccess) "/" ').mailbox(name).crlf();
    }
    if (writer.length > 0) await output.write(writer.take());
  }

  get selected(): SelectedNews {
    return this.#selected;
  }

  get waiting(): boolean {
    return this.#overflown || this.#pending.size > 0 || (this.#stirred && this.#selected.messages !== 'never');
  }

  listen(selection: Selection | null, listener: (() => void) | null): void {
    const selected = selection instanceof SelectedMailbox ? selection : null;
    this.#listener = listener;
    // What nobody has tried to tell yet. What could not be told, or is never done with, waits until something happens.
    if (listener !== null) this.#stirred = selected?.readable === true && selected.cursor.stale;
    selected?.cursor.onChange(listener === null ? null : () => this.#stir());
  }

  async deliver(output: Output, idle: boolean): Promise<void> {
    try {
      if (this.#overflown) await this.#tellOverflow(output);
      await this.#tellSelected(output, idle);
      await this.#tellPending(output);
    } catch (error) {
      if (error instanceof ConnectionClosed) throw error;
      // Nobody waits for an answer that could say so.
      this.#options.log.event('Unexpected', { err: error }, 'What a client wants to hear by NOTIFY could not be told.');
      this.#overflow();
    }
  }

  async #tellSelected(output: Output, idle: boolean): Promise<void> {
    const { selected } = this.#options.session;
    const { messages } = this.#selected;
    const due = this.#stirred || idle;
    this.#stirred = false;
    if (!due || messages === 'never' || !(selected instanceof SelectedMailbox)) return;
    await selected.report(idle || messages === 'now' ? 'all' : 'noExpunge', output);
  }

  did(change: OwnChange): void {
    if (this.#watch !== null) this.#own.note(change);
  }

  admits(messages: number): boolean {
    if (messages <= this.#options.most) return true;
    this.#overflow();
    return false;
  }

  close(): void {
    this.#listener = null;
    this.#unwatch();
  }

  heard(changes: readonly WatchedChange[]): void {
    this.#hear(changes);
  }

  #hear(changes: readonly WatchedChange[]): void {
    if (!this.#ready || this.#overflown) return;
    const world = this.#world;
    const news = changes.filter((change) => !this.#own.covers(change, world));
    for (const change of news) if (this.#wants(change, world)) this.#pending.add(change);
    if (this.#pending.size > this.#options.most) this.#overflow();
    if (this.waiting) this.#listener?.();
  }

  #wants(change: WatchedChange, world: WatchedWorld): boolean {
    const filter = this.#filter;
    const wants = (event: Parameters<EventFilter['wants']>[0], name: string): boolean =>
      filter.wants(event, name, world.subscribed.has(name));
    switch (change.kind) {
      case 'messages':
      case 'flags': {
        const { mailbox } = change;
        const { session } = this.#options;
        if (mailbox.id === session.selected?.mailbox || !this.#may(mailbox)) return false;
        return wants(change.kind === 'messages' ? 'MessageNew' : 'FlagChange', mailbox.name);
      }
      case 'name':
        return wants('MailboxName', change.name) || (change.oldName !== null && wants('MailboxName', change.oldName));
      case 'subscription':
        // It begins, or ends: of the subscribed ones it is either way.
        return filter.wants('SubscriptionChange', change.name, true);
      case 'metadata':
        return change.name === null
          ? filter.wantsAnywhere('ServerMetadataChange')
          : wants('MailboxMetadataChange', change.name);
    }
  }

  /** Own mailboxes of names that are others' are out of reach; of others' those are that may not be read. */
  #may(mailbox: WatchedMailboxState): boolean {
    const { session, levels } = this.#options;
    if (!mayWatch(session.user.name, mailbox)) return this.#others?.world.has(mailbox.id) === true;
    return !isOfOthers(mailbox.name, levels);
  }

  #stir(): void {
    this.#stirred = true;
    this.#listener?.();
  }

  /** RFC 5465, 5.8: as if NOTIFY NONE had been said. */
  #overflow(): void {
    this.#overflown = true;
    this.#filter = new EventFilter([], []);
    this.#selected = NOTHING;
    this.#pending.take();
    this.#unwatch();
  }

  #unwatch(): void {
    this.#watch?.close();
    this.#watch = null;
    this.#others?.close();
    this.#others = null;
  }

  #countsUnseen(name: string): boolean {
    return this.#options.sharedSeen || !isOfOthers(name, this.#options.levels);
  }

  async #tellOverflow(output: Output): Promise<void> {
    this.#overflown = false;
    const text = 'Too much has happened: nothing more is told until the next NOTIFY';
    await output.write(new ResponseWriter().status('OK', text, 'NOTIFICATIONOVERFLOW').take());
  }

  async #tellPending(output: Output): Promise<void> {
    const { session, capabilities, levels } = this.#options;
    if (this.#pending.size === 0 || this.#watch === null) return;
    const world = this.#world;
    const watched = this.#filter.levelsOf(world.subscribed);
    const writer = new ResponseWriter(session.mailboxNames);
    const options = {
      ...{ world, capabilities },
      condstore: session.enabled.has('CONDSTORE'),
      countsUnseen: (name: string): boolean =>
        this.#countsUnseen(name) && this.#filter.wants('FlagChange', name, world.subscribed.has(name)),
      isUnwatched: (name: string): boolean => isOfOthers(name, levels) && !isOfOthers(name, watched),
      noAccess: this.#others?.noAccess ?? NO_WORLD.subscribed,
      selected: session.selected?.mailbox ?? null,
    };
    for (const write of writePending(this.#pending.take(), options)) {
      write(writer);
      if (writer.length > WRITE_AT) await output.write(writer.take());
    }
    if (writer.length > 0) await output.write(writer.take());
  }
}

const NO_PAGE: SharedPage = { found: [], more: false, isUnknown: () => false };

/** It counts what its owner has not seen. */
const withoutUnseen = (listing: SharedListing): SharedListing =>
  listing.state === null ? listing : { ...listing, state: { ...listing.state, unseen: 0 } };

function selectedNews(groups: readonly EventGroup[]): SelectedNews {
  const group = groups.find(({ filter }) => ofSelected(filter));
  if (group === undefined || group.events.length === 0) return NOTHING;
  const messages = group.filter.kind === 'selected' ? 'now' : 'delayed';
  return { messages, flags: group.events.includes('FlagChange'), fetch: group.fetch };
}
