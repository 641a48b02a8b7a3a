import type { CacheEvent } from '../checker/history.ts';
import type { MailSession } from './mail-session.ts';
import { must } from './must.ts';

type Entry = { readonly uid: number; flags: readonly string[] };

/** What a cache knows, as it goes into the history. */
export type CacheContents = Pick<CacheEvent, 'messages' | 'expunged' | 'expungedUnseen'>;

/**
 * A client's cache of INBOX, kept the way mail programs keep it: by message number from what the server volunteers
 * (EXISTS, EXPUNGE, FETCH FLAGS), never by reading everything again. If the server ever tells a wrong number, the cache
 * ends up different from the mailbox.
 */
export class CachedMailbox {
  readonly session: MailSession;
  /** By message number − 1; null until its UID is asked for. */
  readonly #entries: (Entry | null)[] = [];
  readonly #expunged = new Set<number>();
  #expungedUnseen = 0;

  private constructor(session: MailSession) {
    this.session = session;
  }

  static async open(session: MailSession): Promise<CachedMailbox> {
    const cache = new CachedMailbox(session);
    session.client.on('exists', ({ count }) => cache.#grow(count));
    session.client.on('expunge', (event) => cache.#remove(event.seq));
    session.client.on('flags', ({ seq, flags }) => cache.#mark(seq, flags));
    const select = session.ask('SELECT', () => session.client.mailboxOpen('INBOX'));
    cache.#grow((await must(`${session.name}: SELECT`, select)).exists);
    await cache.#fill();
    return cache;
  }

  /** Messages it was told of. */
  get count(): number {
    return this.#entries.length;
  }

  contents(): CacheContents {
    return {
      messages: this.#entries.map((entry) => ({ uid: entry?.uid ?? null, flags: entry?.flags ?? [] })),
      expunged: [...this.#expunged],
      expungedUnseen: this.#expungedUnseen,
    };
  }

  /** Lets the server tell what is new, and asks for the UIDs and flags of new messages only. */
  async settle(): Promise<void> {
    await must(`${this.session.name}: NOOP`, this.session.noop());
    await this.#fill();
  }

  #grow(count: number): void {
    while (this.#entries.length < count) this.#entries.push(null);
  }

  #remove(sequence: number | undefined): void {
    if (sequence === undefined) return;
    const [entry] = this.#entries.splice(sequence - 1, 1);
    if (entry === null) this.#expungedUnseen += 1;
    else if (entry !== undefined) this.#expunged.add(entry.uid);
  }

  #mark(sequence: number, flags: ReadonlySet<string> | undefined): void {
    const entry = this.#entries[sequence - 1];
    if (entry != null && flags !== undefined) entry.flags = [...flags];
  }

  async #fill(): Promise<void> {
    const first = this.#entries.indexOf(null);
    if (first === -1) return;
    const { client, name } = this.session;
    const fetch = this.session.ask('FETCH', () => client.fetchAll(`${first + 1}:*`, { uid: true, flags: true }));
    // An answer without a UID is a change of flags that was told meanwhile.
    for (const { seq, uid, flags } of await must(`${name}: FETCH`, fetch)) {
      if (uid) this.#entries[seq - 1] = { uid, flags: [...(flags ?? [])] };
      else this.#mark(seq, flags);
    }
  }
}
