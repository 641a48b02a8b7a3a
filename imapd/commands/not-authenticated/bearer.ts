import { type BearerMechanism, readBearerRequest } from '../../auth/oauth/bearer-messages.ts';
import type { TokenOutcome, TokenSignIn } from '../../session/authenticator.ts';
import type { CommandContext } from '../command-handler.ts';
import { bad, type Completion, no } from '../completion.ts';
import { askClient, firstAnswer, unfinished } from './ask-client.ts';
import { letIn, refusedLogin, type SignInOptions } from './sign-in.ts';

type Refused = Extract<TokenOutcome, { kind: 'refused' }>;

/** OAUTHBEARER (RFC 7628), and XOAUTH2 of before it, which differs in its messages alone. */
export const bearer =
  (mechanism: BearerMechanism) =>
  async (initialResponse: Buffer | null, context: CommandContext, options: SignInOptions): Promise<Completion> => {
    const { tokens } = options;
    if (tokens === null) return no('Nobody signs in by a token here', 'CANNOT');
    const asked = await firstAnswer(initialResponse, context);
    if (asked.kind !== 'answer') return unfinished(asked);
    const request = readBearerRequest(mechanism, asked.answer);
    if (request === null) return bad(`Expected the message of ${mechanism} with a bearer token`);
    const outcome = await tokens.authenticator(request, context.attempt);
    if (outcome.kind === 'unavailable') return refusedLogin('unavailable', request.identity ?? '', context);
    if (outcome.kind === 'refused') return refuse(outcome, { mechanism, identity: request.identity, tokens }, context);
    return letIn({ user: outcome.user, identity: request.identity }, context, options);
  };

type Exchange = {
  readonly mechanism: BearerMechanism;
  readonly identity: string | null;
  readonly tokens: TokenSignIn;
};

/** RFC 7628, 3.2.2: why, as a challenge in JSON, which the client answers by something empty; only then NO. */
async function refuse(refused: Refused, exchange: Exchange, context: CommandContext): Promise<Completion> {
  const { session, log } = context;
  const { remoteAddress } = session.peer;
  log.event('LoginFailed', { user: exchange.identity, remoteAddress, token: refused.reason });
  const asked = await askClient(context, JSON.stringify(errorOf(refused, exchange)));
  if (asked.kind !== 'answer') return unfinished(asked);
  return refused.expired
    ? no('The token has expired, please get another one', 'EXPIRED')
    : no('The token is not accepted', 'AUTHENTICATIONFAILED');
}

/** Clients of XOAUTH2 look for a status of HTTP. */
function errorOf({ error }: Refused, { mechanism, tokens }: Exchange): object {
  const scope = tokens.scope === null ? {} : { scope: tokens.scope };
  if (mechanism === 'XOAUTH2')
    return { status: error === 'invalid_token' ? '401' : '403', schemes: 'bearer', ...scope };
  return { status: error, ...scope, 'openid-configuration': tokens.discovery };
}
