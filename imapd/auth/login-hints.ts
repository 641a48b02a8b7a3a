import { type Static, Type } from 'typebox';
import type { Logger } from '#runtime/logger.ts';
import { type Peer, postToPeer } from './post-to-peer.ts';

/** `POST /v1/forgotten-logins` with a bearer token, from one imapd to the others: these users' passwords or groups changed. */
export const FORGOTTEN_LOGINS_PATH = '/v1/forgotten-logins';
export const ForgottenLogins = Type.Object({ users: Type.Array(Type.String()) }, { additionalProperties: false });
export type ForgottenLogins = Static<typeof ForgottenLogins>;

/** A process that does not answer in this time believes the old password until its memory ends, a minute at most. */
const PATIENCE_MS = 1_000;

/** Tells the other imapd processes to forget a verified login. */
export class LoginHints {
  readonly #options: { readonly token: string; readonly log: Logger };
  #peers: readonly Peer[] = [];

  constructor(options: { readonly token: string; readonly log: Logger }) {
    this.#options = options;
  }

  setPeers(peers: readonly Peer[]): void {
    this.#peers = peers;
  }

  /** Settles once everybody knows or was given up; never rejects. */
  async tell(user: string): Promise<void> {
    await Promise.all(this.#peers.map((peer) => this.#tell(peer, user)));
  }

  async #tell(peer: Peer, user: string): Promise<void> {
    const { token, log } = this.#options;
    const body: ForgottenLogins = { users: [user] };
    try {
      await postToPeer(peer, { path: FORGOTTEN_LOGINS_PATH, body }, { token, withinMs: PATIENCE_MS });
    } catch (error) {
      log.debug({ peer: peer.host, error: String(error) }, 'a login could not be forgotten elsewhere');
    }
  }
}
