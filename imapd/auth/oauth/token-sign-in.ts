import type { Logger } from '#runtime/logger.ts';
import type { UserStores } from '../../routing/user-stores.ts';
import type { TokenSignIn } from '../../session/authenticator.ts';
import { discoveryUrl, IssuerKeys } from './issuer-keys.ts';
import type { OAuth } from './oauth-configuration.ts';
import { tokenAuthenticator } from './token-authenticator.ts';
import { tokenVerifier } from './token-verifier.ts';

/** Everything about bearer tokens that one process shares. */
export function tokenSignIn(
  oauth: OAuth,
  { stores, log }: { readonly stores: UserStores; readonly log: Logger },
): TokenSignIn {
  const keys = new IssuerKeys({ oauth, log, now: () => performance.now() });
  const verify = tokenVerifier({ oauth, keys: keys.find, now: () => Date.now() });
  return {
    authenticator: tokenAuthenticator({ stores, verify }),
    scope: oauth.scope ?? null,
    discovery: discoveryUrl(oauth).href,
  };
}
