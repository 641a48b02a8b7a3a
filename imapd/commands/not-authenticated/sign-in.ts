import type { Authenticator } from '../../session/authenticator.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import type { CommandContext } from '../command-handler.ts';
import { type Completion, no, ok } from '../completion.ts';

export type SignInOptions = { readonly authenticator: Authenticator; readonly capabilities: Capabilities };

/** What LOGIN and every mechanism of AUTHENTICATE come down to: a name and a password. */
export async function signIn(
  credentials: { readonly user: string; readonly password: string },
  context: CommandContext,
  options: SignInOptions,
): Promise<Completion> {
  const { session, attempt, log } = context;
  const { remoteAddress } = session.peer;
  const outcome = await options.authenticator({ ...credentials, remoteAddress }, attempt);
  switch (outcome.kind) {
    case 'ok':
      if (!session.signIn(outcome.user)) return no('Too many sessions of this user', 'LIMIT');
      return ok('Signed in', `CAPABILITY ${options.capabilities.shownTo(session)}`);
    case 'wrong':
      log.event('LoginFailed', { user: credentials.user, remoteAddress });
      return no('Wrong user name or password', 'AUTHENTICATIONFAILED');
    case 'tooMany':
      log.event('LoginFailed', { user: credentials.user, remoteAddress, tooMany: true });
      return no('Too many failed attempts, please try again later', 'LIMIT');
    case 'unavailable':
      log.event('LoginUnavailable', { user: credentials.user });
      return no('The password cannot be checked at the moment, please try again', 'UNAVAILABLE');
  }
}

/** RFC 3501, 6.2.3 and RFC 5530: no password is taken where others could read it. */
export const passwordRefused = (): Completion => no('Use TLS to send a password', 'PRIVACYREQUIRED');
