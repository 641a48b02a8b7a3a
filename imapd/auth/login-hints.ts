import { type Static, Type } from 'typebox';
import type { Logger } from '#runtime/logger.ts';

/** `POST /v1/forgotten-logins` with a bearer token, from one imapd to the others: these users' passwords changed. */
export const FORGOTTEN_LOGINS_PATH = '/v1/forgotten-logins';
export const ForgottenLogins = Type.Object({ users: Type.Array(Type.String()) }, { additionalProperties: false });
export type ForgottenLogins = Static<typeof ForgottenLogins>;

/** A process that does not answer in this time believes the old password until its memory ends, a minute at most. */
const PATIENCE_MS = 1_000;

export type LoginPeer = { readonly host: string; readonly port: number };

/** Tells the other imapd processes to forget a verified login. */
export class LoginHints {
  readonly #options: { readonly token: string; readonly log: Logger };
  #peers: readonly LoginPeer[] = [];

  constructor(options: { readonly token: string; readonly log: Logger }) {
    this.#options = options;
  }

  setPeers(peers: readonly LoginPeer[]): void {
    this.#peers = peers;
  }

  /** Settles once everybody knows or was given up; never rejects. */
  async tell(user: string): Promise<void> {
    await Promise.all(this.#peers.map((peer) => this.#tell(peer, user)));
  }

  async #tell({ host, port }: LoginPeer, user: string): Promise<void> {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${FORGOTTEN_LOGINS_PATH}`;
    const body: ForgottenLogins = { users: [user] };
    const headers = { authorization: `Bearer ${this.#options.token}`, 'content-type': 'application/json' };
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
      await answer.arrayBuffer(); // frees the connection
    } catch (error) {
      this.#options.log.debug({ peer: url, error: String(error) }, 'a login could not be forgotten elsewhere');
    }
  }
}
