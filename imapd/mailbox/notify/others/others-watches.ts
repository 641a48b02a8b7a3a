import type { Logger } from '#runtime/logger.ts';
import type { Attempt } from '../../../routing/repository-access.ts';
import type { MailboxId } from '../../../store/types.ts';
import { type OthersListener, OthersWatch } from './others-watch.ts';

export type OthersWatchesOptions = {
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** See `MailboxWatchesOptions`. */
  readonly notifyPollMs: number;
};

/** The sessions of this process that watch mailboxes of others, by these: where a hint goes to. */
export class OthersWatches {
  readonly #options: OthersWatchesOptions;
  readonly #byMailbox = new Map<MailboxId, Set<OthersWatch>>();

  constructor(options: OthersWatchesOptions) {
    this.#options = options;
  }

  /** From now on `listener` hears what changes, until the watch is closed; null: there is more than `most`. @throws RepositoryUnavailable */
  async open(listener: OthersListener, most: number, attempt: Attempt): Promise<OthersWatch | null> {
    const { log, signal, notifyPollMs: pollMs } = this.#options;
    const watch: OthersWatch = new OthersWatch({
      ...{ listener, most, pollMs, log, signal },
      onWatched: (before, now) => {
        for (const mailbox of before.difference(now)) this.#remove(mailbox, watch);
        for (const mailbox of now) this.#byMailbox.getOrInsertComputed(mailbox, () => new Set()).add(watch);
      },
    });
    return (await watch.open(attempt)) === 'opened' ? watch : null;
  }

  /** A hint: whoever watches this mailbox is to hear of it soon. */
  changed(mailbox: MailboxId): void {
    for (const watch of this.#byMailbox.get(mailbox) ?? []) watch.changed(mailbox);
  }

  #remove(mailbox: MailboxId, watch: OthersWatch): void {
    const watches = this.#byMailbox.get(mailbox);
    watches?.delete(watch);
    if (watches?.size === 0) this.#byMailbox.delete(mailbox);
  }
}
