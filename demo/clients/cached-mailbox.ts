import type { MailSession } from './mail-session.ts';

/**
 * A client's cache of INBOX, kept the way mail programs keep it: by message number from what the server volunteers
 * (EXISTS, EXPUNGE), never by reading everything again. If the server ever tells a wrong number, the cache ends up
 * different from the mailbox.
 */
export class CachedMailbox {
  readonly #session: MailSession;
  /** UID by message number − 1; null until it is fetched. */
  readonly #uids: (number | null)[] = [];

  private constructor(session: MailSession) {
    this.#session = session;
  }

  static async open(session: MailSession): Promise<CachedMailbox> {
    const cache = new CachedMailbox(session);
    session.client.on('exists', ({ count }) => cache.#grow(count));
    session.client.on('expunge', (event) => cache.#remove(event.seq));
    const box = await session.client.mailboxOpen('INBOX');
    cache.#grow(box.exists);
    await cache.#fill();
    return cache;
  }

  /** Lets the server tell what is new, fetches the UIDs of new messages only, and gives every UID in order. */
  async settle(): Promise<readonly number[]> {
    await this.#session.client.noop();
    await this.#fill();
    return this.#uids.filter((uid) => uid !== null);
  }

  #grow(count: number): void {
    while (this.#uids.length < count) this.#uids.push(null);
  }

  #remove(sequence: number | undefined): void {
    if (sequence !== undefined) this.#uids.splice(sequence - 1, 1);
  }

  async #fill(): Promise<void> {
    const first = this.#uids.indexOf(null);
    if (first === -1) return;
    for (const message of await this.#session.client.fetchAll(`${first + 1}:*`, { uid: true }))
      this.#uids[message.seq - 1] = message.uid;
  }
}
