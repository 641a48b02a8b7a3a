import type { Logger } from '#runtime/logger.ts';
import type { MailboxId } from '../../store/types.ts';
import { encodeHints, HINTS_PATH } from './hint.ts';

/** Hints of this long go out together: a burst of changes is one request, and nobody notices the wait. */
const COALESCE_MS = 2;
/** A peer that does not answer in this time is passed over. */
const PATIENCE_MS = 1000;
/** A peer that failed is left alone for this long: its own poll serves it meanwhile. */
const REST_MS = 1000;
/** Mailboxes that wait for one peer; more than that and its poll is the cheaper way. */
const MAX_PENDING = 10_000;

export type HintPeer = { readonly host: string; readonly port: number };
export type HintSenderOptions = {
  /** The bearer token that all processes of the cluster share. */
  readonly token: string;
  readonly log: Logger;
};

/** Tells the other imapd processes which mailboxes changed. Never waits, never fails: the poll makes up for what is lost. */
export class HintSender {
  readonly #options: HintSenderOptions;
  #peers = new Map<string, PeerQueue>();

  constructor(options: HintSenderOptions) {
    this.#options = options;
  }

  /** The other processes, without this one; replaces the list before. */
  setPeers(peers: readonly HintPeer[]): void {
    const kept = new Map<string, PeerQueue>();
    for (const { host, port } of peers) {
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${HINTS_PATH}`;
      kept.set(url, this.#peers.get(url) ?? new PeerQueue(url, this.#options));
    }
    this.#peers = kept;
  }

  /** `modSeq` 0: not known. */
  send(mailbox: MailboxId, modSeq: number): void {
    for (const peer of this.#peers.values()) peer.add(mailbox, modSeq);
  }
}

/** What one peer is still to be told; at most one request is under way, the rest gathers behind it. */
class PeerQueue {
  readonly #url: string;
  readonly #options: HintSenderOptions;
  #pending = new Map<MailboxId, number>();
  #busy = false;
  #restingUntil = 0;

  constructor(url: string, options: HintSenderOptions) {
    this.#url = url;
    this.#options = options;
  }

  add(mailbox: MailboxId, modSeq: number): void {
    if (performance.now() < this.#restingUntil || this.#pending.size >= MAX_PENDING) return;
    // Not known once is not known for all: the peer must look.
    const before = this.#pending.get(mailbox) ?? modSeq;
    this.#pending.set(mailbox, before === 0 || modSeq === 0 ? 0 : Math.max(before, modSeq));
    if (!this.#busy) this.#flushSoon();
  }

  #flushSoon(): void {
    this.#busy = true;
    setTimeout(() => void this.#flush(), COALESCE_MS);
  }

  async #flush(): Promise<void> {
    const hints = Array.from(this.#pending, ([mailbox, modSeq]) => ({ mailbox, modSeq }));
    this.#pending = new Map();
    try {
      await this.#post(encodeHints(hints));
    } catch (error) {
      // A pod that is starting, stopping or gone; the list of peers is corrected by the operator.
      this.#options.log.debug({ peer: this.#url, error: String(error) }, 'hints were not delivered');
      this.#restingUntil = performance.now() + REST_MS;
      this.#pending.clear();
    }
    this.#busy = false;
    if (this.#pending.size > 0) this.#flushSoon();
  }

  async #post(body: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.#options.token}`, 'content-type': 'application/x-ndjson' };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(this.#url, { method: 'POST', headers, body, signal });
    await answer.arrayBuffer(); // frees the connection for the next request
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
  }
}
