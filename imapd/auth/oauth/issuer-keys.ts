import { readFile } from 'node:fs/promises';
import { type CryptoKey, createLocalJWKSet, errors, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose';
import type { Logger } from '#runtime/logger.ts';
import { fetchJson } from './fetch-json.ts';
import type { OAuth } from './oauth-configuration.ts';

export type IssuerKeysOptions = {
  readonly oauth: OAuth;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly log: Logger;
};

/** Nobody can tell whether a token is good. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

type Kept = { readonly set: ReturnType<typeof createLocalJWKSet>; readonly fetchedAt: number };

/**
 * The public keys of the issuer, kept for a while and fetched again for a key that is not among them. jose has such a set
 * too (`createRemoteJWKSet`), but one that asks again for each token while the issuer fails, takes documents of any size, and
 * forgets good keys in an outage.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #kept: Kept | null = null;
  #tried: { readonly at: number; readonly failed: boolean } | null = null;
  #pending: Promise<void> | null = null;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /**
   * The key that a token names.
   * @throws IssuerUnavailable where that cannot be found out; an error of jose where there is no such key
   */
  readonly find = async (header?: JWSHeaderParameters, token?: FlattenedJWSInput): Promise<CryptoKey> => {
    const { keysFreshMs, keysStaleMs } = this.#options.oauth;
    const refreshed = this.#youngerThan(keysFreshMs) ? null : this.#refresh();
    // Keys that may be used in an outage may be used while one finds out whether there is one.
    if (!this.#youngerThan(keysStaleMs)) await refreshed;
    try {
      return await this.#usable().set(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#refresh();
      // The issuer may have made this key a moment ago.
      if (this.#tried?.failed === true) throw new IssuerUnavailable('the issuer cannot be asked', { cause: error });
      return await this.#usable().set(header, token);
    }
  };

  #usable(): Kept {
    if (this.#kept !== null && this.#youngerThan(this.#options.oauth.keysStaleMs)) return this.#kept;
    throw new IssuerUnavailable('the issuer has not been reached yet, or not for too long');
  }

  #youngerThan(ms: number): boolean {
    return this.#kept !== null && this.#options.now() - this.#kept.fetchedAt < ms;
  }

  /** Fetches the keys unless that was tried a moment ago; all who wait share one fetch. Never rejects. */
  async #refresh(): Promise<void> {
    const { now, oauth } = this.#options;
    if (this.#pending === null) {
      if (this.#tried !== null && now() - this.#tried.at < oauth.cooldownMs) return;
      this.#pending = this.#fetch().finally(() => {
        this.#pending = null;
      });
    }
    await this.#pending;
  }

  async #fetch(): Promise<void> {
    const { oauth, now, log } = this.#options;
    let failed = true;
    try {
      const ca = oauth.caFile === undefined ? null : await readFile(oauth.caFile);
      const bounds = { ca, timeoutMs: oauth.fetchMs, maxOctets: oauth.fetchBytes };
      const keys = await fetchJson(await keysUrl(oauth, bounds), bounds);
      this.#kept = { set: createLocalJWKSet(keys as Parameters<typeof createLocalJWKSet>[0]), fetchedAt: now() };
      failed = false;
    } catch (error) {
      const keysInUse = this.#youngerThan(oauth.keysStaleMs);
      log.event('IssuerUnreachable', { issuer: oauth.issuer, keysInUse, error: String(error) });
    }
    this.#tried = { at: now(), failed };
  }
}

/** OpenID Connect Discovery 1.0, 4. */
export const discoveryUrl = ({ issuer }: Pick<OAuth, 'issuer'>): URL =>
  new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);

/** The document must name the issuer that it was looked up for. */
async function keysUrl(oauth: OAuth, bounds: Parameters<typeof fetchJson>[1]): Promise<URL> {
  const { issuer, jwksUri } = oauth;
  if (jwksUri !== undefined) return new URL(jwksUri);
  const place = discoveryUrl(oauth);
  const found = (await fetchJson(place, bounds)) as { readonly issuer?: unknown; readonly jwks_uri?: unknown } | null;
  if (found?.issuer !== issuer) throw new Error(`${place.href} is of another issuer: ${JSON.stringify(found?.issuer)}`);
  const uri = typeof found.jwks_uri === 'string' && URL.canParse(found.jwks_uri) ? new URL(found.jwks_uri) : null;
  if (uri?.protocol !== 'https:') throw new Error(`${place.href} has no jwks_uri of https`);
  return uri;
}
