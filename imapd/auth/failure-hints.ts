import { type Static, Type } from 'typebox';
import type { Logger } from '#runtime/logger.ts';
import { type Peer, postToPeer } from './post-to-peer.ts';

/** `POST /v1/failed-logins` with a bearer token, from one imapd to the others: what its failure ledger has come to count. */
export const FAILED_LOGINS_PATH = '/v1/failed-logins';

/** Pairs of source and user in one hint; of a flood the rest is known to this process alone. */
const MOST = 1_000;
/** Octets of one pair: a network, and a digest of 43 octets. */
const LONGEST_KEY = 128;

/** Octets of the largest hint in JSON: 64 are more than the names of the fields and their values take. */
export const MAX_FAILED_LOGINS = MOST * (LONGEST_KEY + 64) + 1_024;
export const FailedLogins = Type.Object(
  {
    /** `forget`: a sign-in has succeeded; what was counted before these failures is void. */
    changes: Type.Array(
      Type.Object({
        key: Type.String({ minLength: 1, maxLength: LONGEST_KEY }),
        forget: Type.Boolean(),
        failures: Type.Integer({ minimum: 0 }),
      }),
      { maxItems: MOST },
    ),
  },
  { additionalProperties: false },
);
export type FailedLogins = Static<typeof FailedLogins>;
export type LedgerChange = FailedLogins['changes'][number];

export type FailureHintsOptions = {
  readonly token: string;
  readonly log: Logger;
  /** Between two hints: what comes meanwhile goes together. */
  readonly paceMs: number;
  /** For one peer to take one. */
  readonly withinMs: number;
};

/**
 * Tells the other imapd processes of wrong passwords, so that a guesser is slowed down by all that it has tried, wherever its
 * connections ended up. Only one hint is under way at a time: a peer that does not answer makes hints fewer, never more.
 */
export class FailureHints {
  readonly #options: FailureHintsOptions;
  #peers: readonly Peer[] = [];
  #changes = new Map<string, LedgerChange>();
  #sending = false;

  constructor(options: FailureHintsOptions) {
    this.#options = options;
  }

  setPeers(peers: readonly Peer[]): void {
    this.#peers = peers;
  }

  failed(key: string): void {
    const { forget = false, failures = 0 } = this.#changes.get(key) ?? {};
    this.#note({ key, forget, failures: failures + 1 });
  }

  succeeded(key: string): void {
    this.#note({ key, forget: true, failures: 0 });
  }

  #note(change: LedgerChange): void {
    const { key } = change;
    if (this.#peers.length === 0 || (this.#changes.size >= MOST && !this.#changes.has(key))) return;
    this.#changes.set(key, change);
    if (this.#sending) return;
    this.#sending = true;
    setTimeout(() => void this.#send(), this.#options.paceMs).unref();
  }

  async #send(): Promise<void> {
    const changes = [...this.#changes.values()];
    this.#changes = new Map();
    await Promise.all(this.#peers.map((peer) => this.#tell(peer, { changes })));
    if (this.#changes.size > 0) setTimeout(() => void this.#send(), this.#options.paceMs).unref();
    else this.#sending = false;
  }

  async #tell(peer: Peer, body: FailedLogins): Promise<void> {
    const { token, withinMs, log } = this.#options;
    try {
      await postToPeer(peer, { path: FAILED_LOGINS_PATH, body }, { token, withinMs });
    } catch (error) {
      log.debug({ peer: peer.host, error: String(error) }, 'wrong passwords could not be told elsewhere');
    }
  }
}
