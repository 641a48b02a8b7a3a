import type { Authenticator, LoginOutcome, ScramAuthenticator } from '../../session/authenticator.ts';
import type { SessionUser } from '../../session/session-user.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import type { CommandContext } from '../command-handler.ts';
import { type Completion, no, ok } from '../completion.ts';
import { overQuotaText } from '../quota/quota-line.ts';

export type SignInOptions = {
  readonly authenticator: Authenticator;
  readonly scram: ScramAuthenticator;
  readonly capabilities: Capabilities;
};

/** What LOGIN and the mechanisms that show the password come down to: a name and a password. */
export async function signIn(
  credentials: { readonly user: string; readonly password: string },
  context: CommandContext,
  options: SignInOptions,
): Promise<Completion> {
  const { remoteAddress } = context.session.peer;
  const outcome = await options.authenticator({ ...credentials, remoteAddress }, context.attempt);
  if (outcome.kind !== 'ok') return refusedLogin(outcome.kind, credentials.user, context);
  return letIn(outcome.user, context, options);
}

/** The user has proved to be one. */
export async function letIn(
  user: SessionUser,
  { session, output }: Pick<CommandContext, 'session' | 'output'>,
  { capabilities }: Pick<SignInOptions, 'capabilities'>,
): Promise<Completion> {
  if (!session.signIn(user)) return no('Too many sessions of this user', 'LIMIT');
  const alert = user.quota === undefined ? null : overQuotaText(user.quota);
  if (alert !== null) await output.write(`* NO [ALERT] ${alert}\r\n`);
  return ok('Signed in', `CAPABILITY ${capabilities.shownTo(session)}`);
}

/** `user`: as the client wrote it, for the log. */
export function refusedLogin(
  why: Exclude<LoginOutcome['kind'], 'ok'>,
  user: string,
  { session, log }: Pick<CommandContext, 'session' | 'log'>,
): Completion {
  const { remoteAddress } = session.peer;
  switch (why) {
    case 'wrong':
      log.event('LoginFailed', { user, remoteAddress });
      return no('Wrong user name or password', 'AUTHENTICATIONFAILED');
    case 'tooMany':
      log.event('LoginFailed', { user, remoteAddress, tooMany: true });
      return no('Too many failed attempts, please try again later', 'LIMIT');
    case 'unavailable':
      log.event('LoginUnavailable', { user });
      return no('The password cannot be checked at the moment, please try again', 'UNAVAILABLE');
  }
}

/** RFC 3501, 6.2.3 and RFC 5530: no password is taken where others could read it. */
export const passwordRefused = (): Completion => no('Use TLS to send a password', 'PRIVACYREQUIRED');
