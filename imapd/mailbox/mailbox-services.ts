import type { Logger } from '#runtime/logger.ts';
import type { OperationId } from '../store/types.ts';
import { DeferredWrites } from './deferred-writes.ts';
import { parseHints } from './hints/hint.ts';
import { type HintPeer, HintSender } from './hints/hint-sender.ts';
import { MailboxWatches } from './notify/mailbox-watches.ts';
import { OthersWatches } from './notify/others/others-watches.ts';
import { OpenViews } from './open-views.ts';
import { RecentClaims } from './recent/recent-claims.ts';

export type MailboxServicesOptions = {
  readonly log: Logger;
  /** Bearer token of the other processes' admin servers. */
  readonly token: string;
  readonly newOperation: () => OperationId;
  /** See `MailboxWatches`. */
  readonly notifyPollMs: number;
  /** Ends the poll and what is deferred. */
  readonly signal: AbortSignal;
};

/** Everything about selected mailboxes that the sessions of one process share: made once, by main. */
export class MailboxServices {
  readonly views: OpenViews;
  readonly deferred: DeferredWrites;
  readonly recentClaims = new RecentClaims();
  /** For those who watch mailboxes that they have not selected (NOTIFY). */
  readonly watches: MailboxWatches;
  readonly others: OthersWatches;
  readonly #hints: HintSender;

  constructor(options: MailboxServicesOptions) {
    this.#hints = new HintSender(options);
    this.watches = new MailboxWatches(options);
    this.others = new OthersWatches(options);
    this.views = new OpenViews({
      log: options.log,
      tellPeers: (id, modSeq) => this.#hints.send(id, modSeq),
      onChange: (id) => {
        this.watches.changed(id);
        this.others.changed(id);
      },
    });
    this.deferred = new DeferredWrites({ ...options, announce: (id, modSeq) => this.views.announce(id, modSeq) });
    void this.views.watch(options.signal);
  }

  /** The other processes (`PUT /v1/peers`), without this one. */
  setPeers(peers: readonly HintPeer[]): void {
    this.#hints.setPeers(peers);
  }

  /** Body of `POST /v1/hints`; false where it is malformed (400). */
  receiveHints(body: string): boolean {
    const hints = parseHints(body);
    if (hints !== null) this.views.heard(hints);
    return hints !== null;
  }
}
