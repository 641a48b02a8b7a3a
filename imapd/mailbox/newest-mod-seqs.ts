import type { Store } from '../store/store.ts';
import type { MailboxId, ModSeq } from '../store/types.ts';
import { withoutHold } from './without-hold.ts';

type Answer = ReadonlyMap<MailboxId, ModSeq> | 'unavailable';

type Question = { readonly mailboxes: Set<MailboxId>; readonly answer: Promise<Answer> };

/**
 * Asks for HIGHESTMODSEQ of mailboxes, those of all sessions that ask in the same turn of the event loop by one statement. A
 * NOOP that finds nothing, as nearly all do, costs no more than that.
 */
export class NewestModSeqs {
  readonly #questions = new Map<Store, Question>();

  /** As the primary has it after the call; null once the mailbox is deleted, `unavailable` where there is no writer. */
  async ask(store: Store, mailbox: MailboxId): Promise<ModSeq | null | 'unavailable'> {
    const { mailboxes, answer } = this.#questions.getOrInsertComputed(store, () => this.#question(store));
    mailboxes.add(mailbox);
    const newest = await answer;
    return newest === 'unavailable' ? newest : (newest.get(mailbox) ?? null);
  }

  #question(store: Store): Question {
    const mailboxes = new Set<MailboxId>();
    const { promise: turn, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    const answer = turn.then(async () => {
      // Who asks from now on may ask for a change that this answer does not have.
      this.#questions.delete(store);
      return await withoutHold((attempt) => store.highestModSeqs([...mailboxes], attempt));
    });
    return { mailboxes, answer };
  }
}
