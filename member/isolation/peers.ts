import { STATUS_PATH } from '#contract/agent-report.ts';
import type { Logger } from '#runtime/logger.ts';

export type Peer = { readonly member: string; readonly url: string };

const TIMEOUT_MS = 800;

/** The agents of the other members: whether one can be reached, and how far their servers have received. */
export class Peers {
  readonly #token: string;
  readonly #log: Logger;
  readonly #received = new Map<string, string>();
  #seenAt: number | null = null;

  constructor(token: string, log: Logger) {
    this.#token = token;
    this.#log = log;
  }

  get seenAt(): number | null {
    return this.#seenAt;
  }

  /** Last reported position of each peer that is a replica. */
  get received(): ReadonlyMap<string, string> {
    return this.#received;
  }

  async ask(peers: readonly Peer[], now: () => number): Promise<void> {
    await Promise.all(peers.map((peer) => this.#ask(peer, now)));
  }

  async #ask(peer: Peer, now: () => number): Promise<void> {
    const askedAt = now();
    try {
      const answer = await fetch(new URL(STATUS_PATH, peer.url), {
        headers: { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      // Any answer shows that the way there is open, and was when it was asked: how long ago it came is not known.
      this.#seenAt = Math.max(askedAt, this.#seenAt ?? askedAt);
      const report = (await answer.json()) as { replication?: { received?: unknown } | null };
      const received = report.replication?.received;
      if (typeof received === 'string') this.#received.set(peer.member, received);
    } catch (error) {
      this.#log.debug({ peer: peer.member, error: String(error) }, 'a peer does not answer');
    }
  }
}
