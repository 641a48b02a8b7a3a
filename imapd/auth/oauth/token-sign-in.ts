import { ConfigurationError } from '#runtime/configuration.ts';
import type { Logger } from '#runtime/logger.ts';
import type { UserStores } from '../../routing/user-stores.ts';
import type { TokenSignIn } from '../../session/authenticator.ts';
import { discoveryUrl, IssuerKeys } from './issuer-keys.ts';
import type { OAuth } from './oauth-configuration.ts';
import { tokenAuthenticator } from './token-authenticator.ts';
import { tokenVerifier } from './token-verifier.ts';

/**
 * Everything about bearer tokens that one process shares.
 * @throws ConfigurationError where the issuer cannot be asked under its name
 */
export function tokenSignIn(
  oauth: OAuth,
  { stores, log }: { readonly stores: UserStores; readonly log: Logger },
): TokenSignIn {
  for (const field of ['issuer', 'jwksUri'] as const) {
    const url = oauth[field];
    if (url === undefined || URL.canParse(url)) continue;
    throw new ConfigurationError(`authentication.oauth.${field}: ${url} is no URL; host or port are wrong`);
  }
  const keys = new IssuerKeys({ oauth, log, now: () => performance.now() });
  const verify = tokenVerifier({ oauth, keys: keys.find, now: () => Date.now() });
  return {
    authenticator: tokenAuthenticator({ stores, verify }),
    scope: oauth.scope ?? null,
    discovery: discoveryUrl(oauth).href,
  };
}
