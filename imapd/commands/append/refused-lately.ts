/** So long a mailbox counts as one that takes no messages, ms. */
const REMEMBERED_MS = 600_000;
/** Mailboxes; then the oldest are forgotten. */
const KEPT = 1_000;

/**
 * Where an APPEND failed that nobody had asked about before: for want of the mailbox or of room in it. Who tries again is asked
 * first, for a while: a mail program that goes on and on must not have the database refuse a transaction each time, which it logs.
 */
export class RefusedLately {
  readonly #now: () => number;
  readonly #until = new Map<string, number>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  note(user: string, mailbox: string): void {
    const key = `${user} ${mailbox}`;
    this.#until.delete(key);
    this.#until.set(key, this.#now() + REMEMBERED_MS);
    const [oldest] = this.#until.keys();
    if (this.#until.size > KEPT && oldest !== undefined) this.#until.delete(oldest);
  }

  has(user: string, mailbox: string): boolean {
    return (this.#until.get(`${user} ${mailbox}`) ?? 0) > this.#now();
  }
}
