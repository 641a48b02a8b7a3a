import { shownName } from '../acl/namespace-owner.ts';
import { permittedFlags } from '../acl/permitted-flags.ts';
import type { Right, Rights } from '../acl/rights.ts';
import { ResponseWriter } from '../protocol/response-writer.ts';
import { IdSet } from '../protocol/sets/id-set.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { News } from '../session/news.ts';
import type { Output } from '../session/output.ts';
import type { Selection } from '../session/selection.ts';
import type { Session } from '../session/session.ts';
import type { ByReader, Store } from '../store/store.ts';
import { MAX_KEYWORDS, type MailboxId, systemFlags, type Uid } from '../store/types.ts';
import { Arrivals } from './arrivals.ts';
import type { DeferredWrites } from './deferred-writes.ts';
import { ContentWalk } from './fetch/content-walk.ts';
import { FlagText } from './flag-text.ts';
import type { MailboxCursor, ViewUpdates } from './mailbox-cursor.ts';
import type { OpenViews } from './open-views.ts';
import type { RecentClaims } from './recent/recent-claims.ts';
import { RecentRanges } from './recent/recent-ranges.ts';
import { vanishedLines } from './resync/vanished-lines.ts';
import { SearchContexts } from './search/search-contexts.ts';
import { tellResults } from './tell-results.ts';

/** Octets of responses that are gathered before they are handed to the connection. */
const WRITE_AT = 32 * 1024;
const ALL_FLAGS = { system: 0x7fff, keywords: true };

export type SelectedMailboxOptions = {
  readonly views: OpenViews;
  readonly deferred: DeferredWrites;
  readonly store: Store;
  readonly session: Session;
  readonly cursor: MailboxCursor;
  readonly readOnly: boolean;
  /** The level above the mailboxes of others, where it is one of those; null: it is the user's own. */
  readonly above: string | null;
  readonly access: SelectedAccess;
  readonly claims: RecentClaims;
  /** UIDs from here on are \Recent, as far as the mailbox row says. */
  readonly recentFrom: Uid;
};

/** What the session may do in the mailbox. `ask`: what it may by now, null where that cannot be told; null for one's own. */
export type SelectedAccess = { readonly rights: Rights; readonly ask: (() => Promise<Rights | null>) | null };

/** RFC 4314, 5.2: with one of these a mailbox is selected READ-WRITE. */
const CHANGING: readonly Right[] = ['i', 'e', 's', 'w', 't'];

export const changes = (rights: Rights): boolean => CHANGING.some((right) => rights.has(right));

/** A session's selected mailbox: its cursor in the shared view, and how changes are told to its client. */
export class SelectedMailbox implements Selection {
  readonly mailbox: MailboxId;
  /** By EXAMINE. */
  readonly readOnly: boolean;
  readonly store: Store;
  readonly cursor: MailboxCursor;
  /**
   * RFC 5182: UIDs that `$` stands for. It is the selection's own, so that it is empty after every SELECT; messages of
   * which the session was told that they are gone are in none of its sets.
   */
  saved = IdSet.EMPTY;
  /** What this session itself has brought here and is not told of as new yet: nobody fetches it for the client. */
  readonly ownArrivals = new Set<number>();
  /** RFC 5267: searches whose results are kept up. */
  readonly contexts = new SearchContexts();
  /** RFC 5465: new messages of which more is to be told than that they are there. */
  readonly arrivals = new Arrivals();
  /** How the client goes through its messages. */
  readonly walk = new ContentWalk();
  readonly #options: SelectedMailboxOptions;
  readonly #recent = new RecentRanges();
  /** Up to here the client has been told of messages. */
  #toldTo: number;
  /** Something arrived since, and was told as recent: the row does not know it yet. */
  #owesClaim = false;
  #flagText: FlagText;
  #keywordsTold: number;
  #rights: Rights;
  /** The rights are others than those by which the flags were told. */
  #owesFlags = false;

  constructor(options: SelectedMailboxOptions) {
    const { state } = options.cursor.view;
    this.#options = options;
    this.mailbox = state.id;
    this.readOnly = options.readOnly;
    this.#rights = options.access.rights;
    this.store = options.store;
    this.cursor = options.cursor;
    this.#toldTo = options.recentFrom - 1;
    this.#takeRecent();
    this.#owesClaim = false;
    this.#flagText = new FlagText(state.keywords);
    this.#keywordsTold = state.keywords.length;
  }

  /** The mailbox that a session has selected. @throws Error where it has none: the dispatcher checks the state first */
  static of(session: Session): SelectedMailbox {
    const { selected } = session;
    if (!(selected instanceof SelectedMailbox)) throw new Error('no mailbox is selected');
    return selected;
  }

  /** `\Recent` messages of this session. */
  get recent(): number {
    const { cursor } = this;
    return this.#recent.all.reduce(
      (sum, { first, last }) => sum + cursor.countFrom(first) - cursor.countFrom(last + 1),
      0,
    );
  }

  /** What the client has asked for by NOTIFY. */
  get news(): News | null {
    return this.#options.session.news;
  }

  /** RFC 7162, 3.1: the client wants MODSEQ with every change of flags. */
  get condstore(): boolean {
    return this.#options.session.enabled.has('CONDSTORE');
  }

  /** RFC 7162, 3.2.3: the client wants VANISHED in place of EXPUNGE. */
  get qresync(): boolean {
    return this.#options.session.enabled.has('QRESYNC');
  }

  /** RFC 9586: UIDFETCH in place of FETCH, and VANISHED in place of EXPUNGE. */
  get uidOnly(): boolean {
    return this.#options.session.uidOnly;
  }

  /** IMAP4rev2 knows no \Recent (RFC 9051, appendix E). */
  get rev2(): boolean {
    return this.#options.session.rev2;
  }

  /** What the session calls it by now. */
  get name(): string {
    const { above, cursor } = this.#options;
    const { state } = cursor.view;
    return above === null ? state.name : shownName(above, state);
  }

  /** For what is written there: whose \Seen it is. */
  get byReader(): ByReader {
    const { reader } = this.cursor.view;
    return reader === null ? {} : { reader };
  }

  get rights(): Rights {
    return this.#rights;
  }

  /** Some change of the session may be seen by others. */
  get writable(): boolean {
    return !this.readOnly && changes(this.#rights);
  }

  permits(right: Right): boolean {
    return !this.readOnly && this.#rights.has(right);
  }

  /** May its messages, and what is new of them, be told? */
  get readable(): boolean {
    return this.#rights.has('r');
  }

  /** Rights that were granted or taken away meanwhile hold from the next command on. Nothing is asked for one's own mailbox. */
  async checkRights(): Promise<void> {
    const now = (await this.#options.access.ask?.()) ?? this.#rights;
    if (now.symmetricDifference(this.#rights).size === 0) return;
    this.#rights = now;
    this.#owesFlags = true;
  }

  isRecent(uid: number): boolean {
    return !this.rev2 && this.#recent.has(uid);
  }

  /** Flags of the message in row `index` of the view's table, as IMAP text without parentheses. */
  flagsAt(index: number): string {
    const { table, state } = this.cursor.view;
    if (!this.#flagText.fits(state.keywords)) this.#flagText = new FlagText(state.keywords);
    return this.#flagText.of({
      system: table.flagsAt(index),
      keywordsLow: table.keywordsLowAt(index),
      keywordsHigh: table.keywordsHighAt(index),
      recent: this.isRecent(table.uidAt(index)),
    });
  }

  async refresh(): Promise<void> {
    await this.#options.views.refresh(this.mailbox, this.cursor.view.reader);
  }

  /**
   * Asks the database what is new and waits for a writer where there is none: for commands that change messages by what
   * the view says. @throws RepositoryUnavailable
   */
  async catchUp(attempt: Attempt): Promise<void> {
    const { reader } = this.cursor.view;
    await this.#options.views.catchUp({ mailbox: this.mailbox, reader }, attempt);
  }

  async report(updates: 'all' | 'noExpunge', output: Output): Promise<void> {
    if (!this.hasNews) return;
    // With NOTIFY there is news between commands (RFC 5465), before which nobody has asked.
    if (this.#options.session.news !== null) await this.checkRights();
    if (this.readable) await this.#tell(updates, output);
  }

  async #tell(updates: 'all' | 'noExpunge', output: Output): Promise<void> {
    const writer = new ResponseWriter();
    if (this.#owesFlags) this.writeFlagLists(writer);
    // Who has used NOTIFY may want none of them (RFC 5465, 5.1).
    const tellsFlags = this.#tellsFlags;
    const news = this.cursor.take(updates, tellsFlags);
    this.#takeRecent();
    const flush = (): Promise<void> => output.write(writer.take());
    for (const line of [...this.contexts.expunge(news), ...this.#expunges(news)]) {
      writer.raw(line);
      if (writer.length > WRITE_AT) await flush();
    }
    if (news.exists !== null) {
      writer.raw('* ').number(news.exists).raw(' EXISTS\r\n');
      if (!this.rev2) writer.raw('* ').number(this.recent).raw(' RECENT\r\n');
    }
    this.writeNewKeywords(writer);
    for (const uid of tellsFlags ? news.changed : []) {
      this.writeFlagChange(writer, uid);
      if (writer.length > WRITE_AT) await flush();
    }
    const { remember } = news;
    if (this.qresync && remember !== null) {
      writer.status('OK', 'All is told up to here', `HIGHESTMODSEQ ${remember}`);
    }
    if (writer.length > 0) await flush();
    await tellResults(this, news, output);
  }

  /** There is something that `report` would tell, or try to. */
  get hasNews(): boolean {
    const outdated = this.qresync && this.cursor.outdated;
    const more = this.contexts.pending || this.arrivals.pending || this.#owesFlags;
    return this.readable && (this.cursor.stale || outdated || more);
  }

  /** `HIGHESTMODSEQ n` for the end of a command that removes messages; undefined where the client uses no mod-sequences. */
  get modSeqCode(): string | undefined {
    if (!this.condstore) return undefined;
    // What flags are withheld is known when news are taken: before that no more holds than was told.
    return `HIGHESTMODSEQ ${this.#tellsFlags ? this.cursor.highestModSeq : this.cursor.toldTo}`;
  }

  get #tellsFlags(): boolean {
    return this.news?.selected.flags !== false;
  }

  #expunges(news: ViewUpdates): Iterable<string> {
    if (this.qresync || this.uidOnly) return vanishedLines(IdSet.of(news.vanished), false);
    return news.expunged.map((sequence) => `* ${sequence} EXPUNGE\r\n`);
  }

  /** `* n FETCH (`, or with UIDONLY `* u UIDFETCH (`: the beginning of what is told of one message of the session. */
  writeFetch(writer: ResponseWriter, { uid, sequence }: { readonly uid: number; readonly sequence: number }): void {
    if (this.uidOnly) writer.raw('* ').number(uid).raw(' UIDFETCH (');
    else writer.raw('* ').number(sequence).raw(' FETCH (');
  }

  /** The same with the UID in it, which UIDFETCH need not tell twice. */
  #writeFetchOf(writer: ResponseWriter, uid: Uid): void {
    this.writeFetch(writer, { uid, sequence: this.cursor.sequenceOf(uid) });
    if (!this.uidOnly) writer.raw('UID ').number(uid).space();
  }

  /** `* n FETCH (UID u FLAGS (…) MODSEQ (m))` of one message of the session. */
  writeFlagChange(writer: ResponseWriter, uid: Uid): void {
    const { table } = this.cursor.view;
    const index = table.indexOf(uid);
    this.#writeFetchOf(writer, uid);
    writer.raw('FLAGS (').raw(this.flagsAt(index)).raw(')');
    if (this.condstore) writer.raw(' MODSEQ (').number(table.modSeqAt(index)).raw(')');
    writer.raw(')\r\n');
  }

  /** `* n FETCH (UID u MODSEQ (m))` of one message of the session. */
  writeModSeq(writer: ResponseWriter, uid: Uid): void {
    const { table } = this.cursor.view;
    this.#writeFetchOf(writer, uid);
    writer
      .raw('MODSEQ (')
      .number(table.modSeqAt(table.indexOf(uid)))
      .raw('))\r\n');
  }

  /** FLAGS and PERMANENTFLAGS (RFC 3501, 7.2.6 and 7.1) as they are now. */
  writeFlagLists(writer: ResponseWriter): void {
    const { keywords } = this.cursor.view.state;
    const flags = [...Object.keys(systemFlags), ...keywords];
    const permanent = this.readOnly ? [] : this.#permanentFlags();
    writer.raw('* FLAGS ').flags(flags).crlf();
    writer.raw('* OK [PERMANENTFLAGS ').flags(permanent).raw('] Flags that are kept').crlf();
    this.#keywordsTold = keywords.length;
    this.#owesFlags = false;
  }

  /** RFC 4314, 5.1.1: those that the rights permit. `\*`: the client may make new keywords, while there are bits for them. */
  #permanentFlags(): string[] {
    const { keywords } = this.cursor.view.state;
    const { system, keywords: anyKeyword } = permittedFlags(this.#rights) ?? ALL_FLAGS;
    const kept = Object.entries(systemFlags).filter(([, bit]) => (system & bit) !== 0);
    const names = kept.map(([name]) => name);
    return anyKeyword ? [...names, ...keywords, ...(keywords.length < MAX_KEYWORDS ? ['\\*'] : [])] : names;
  }

  /** Keywords are told before the first message that carries them. */
  writeNewKeywords(writer: ResponseWriter): void {
    if (this.cursor.view.state.keywords.length > this.#keywordsTold) this.writeFlagLists(writer);
  }

  /** Messages that the client is now told of are recent, unless another session here was first. */
  #takeRecent(): void {
    const { claims, cursor } = this.#options;
    const last = cursor.largestUid;
    if (last <= this.#toldTo || this.rev2) return;
    const first = claims.firstUnclaimed(cursor.view, this.#toldTo + 1);
    this.#toldTo = last;
    this.#recent.add(first, last);
    // EXAMINE changes nothing, for others neither (RFC 3501, 6.3.2).
    if (!this.writable || last < first) return;
    claims.claim(cursor.view, last);
    this.#owesClaim = true;
  }

  release(): void {
    const { views, deferred, cursor, store } = this.#options;
    // What arrived while it was selected was \Recent here; the next session must not see it so again.
    if (this.#owesClaim) deferred.claimRecent(store, this.mailbox);
    this.walk.end();
    views.leave(cursor);
  }
}
