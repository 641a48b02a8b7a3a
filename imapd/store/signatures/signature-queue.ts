import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RepositoryAccess } from '../../routing/repository-access.ts';
import type { MailboxId, OperationId } from '../types.ts';
import type { Dropped } from './dropped-signatures.ts';
import type { SignatureNote, Signatures, SignedText } from './signatures.ts';

/** Of one transaction: short locks, and little log at a time for the replicas. */
const BATCH_MESSAGES = 200;
const BATCH_OCTETS = 256 * 1024;
/** Between two transactions of one process and partition, ms. */
const PAUSE_MS = 200;
/** What waits to be stored; more is given up, and made by another search. */
const MOST_OCTETS = 8 * 1024 * 1024;
/** A transaction that takes longer is given up, ms: then the database has other worries. */
const PATIENCE_MS = 10_000;

/**
 * Stores signatures of messages, with those that had one already: one transaction. Only of messages that exist, and whose content nobody
 * can collect meanwhile.
 */
export type InsertSignatures<C> = (tx: C, mailbox: MailboxId, signed: readonly SignedText[]) => Promise<void>;

export type SignatureQueueTools<C> = {
  readonly access: RepositoryAccess<C>;
  readonly insert: InsertSignatures<C>;
  readonly onDropped: (dropped: Dropped) => void;
};

type Waiting = { readonly mailbox: MailboxId; readonly signed: SignedText; readonly octets: number };

/**
 * Stores what searches have made, in the background and at a bounded rate: a search is not to cost the database more than its reading.
 * What fails is given up, and told: without a signature a message is read, as ever.
 */
export class SignatureQueue<C> implements Signatures {
  readonly #tools: SignatureQueueTools<C>;
  readonly #pauseMs: number;
  #waiting: Waiting[] = [];
  #octets = 0;
  #storing = false;

  constructor(tools: SignatureQueueTools<C>, pauseMs = PAUSE_MS) {
    this.#tools = tools;
    this.#pauseMs = pauseMs;
  }

  note(mailbox: MailboxId, { made }: SignatureNote): void {
    for (const [at, signed] of made.entries()) {
      const octets = signed.header.length + signed.body.length;
      if (this.#octets + octets > MOST_OCTETS) {
        this.#tools.onDropped({ messages: made.length - at, error: null });
        break;
      }
      this.#waiting.push({ mailbox, signed, octets });
      this.#octets += octets;
    }
    if (!this.#storing && this.#waiting.length > 0) void this.#store();
  }

  async #store(): Promise<void> {
    this.#storing = true;
    while (this.#waiting.length > 0) {
      // First, so that a search that goes on adds to the batch. Nobody waits for the end of it, nor does the process.
      await sleep(this.#pauseMs, undefined, { ref: false });
      await this.#storeBatch();
    }
    this.#storing = false;
  }

  async #storeBatch(): Promise<void> {
    const { access, insert } = this.#tools;
    const [mailbox, signed] = this.#take();
    const attempt = { signal: AbortSignal.timeout(PATIENCE_MS), inBackground: true };
    try {
      await access.mutate(
        randomUUID() as OperationId,
        async (tx) => {
          await insert(tx, mailbox, signed);
          return null;
        },
        attempt,
      );
    } catch (error) {
      // Without a writer, or with one that is full: all that waits would fail the same way, and hold up others.
      this.#tools.onDropped({ messages: signed.length + this.#waiting.length, error });
      this.#waiting = [];
      this.#octets = 0;
    }
  }

  /** The next ones of one mailbox. */
  #take(): readonly [MailboxId, readonly SignedText[]] {
    const mailbox = this.#waiting[0]?.mailbox as MailboxId;
    let [count, octets] = [0, 0];
    for (const each of this.#waiting) {
      if (each.mailbox !== mailbox || count === BATCH_MESSAGES || octets >= BATCH_OCTETS) break;
      octets += each.octets;
      count += 1;
    }
    this.#octets -= octets;
    return [mailbox, this.#waiting.splice(0, count).map(({ signed }) => signed)];
  }
}
