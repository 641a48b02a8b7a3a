import { canonicalUser } from '#contract/placement.ts';
import { LONGEST_USER_NAME } from '#contract/users-api.ts';
import type { Standings } from '../../acl/standings.ts';
import { mayBeUser } from '../../auth/may-be-user.ts';
import type {
  ActAs,
  Authenticator,
  CertificateAuthenticator,
  LoginOutcome,
  ScramAuthenticator,
  TokenSignIn,
} from '../../session/authenticator.ts';
import type { SessionObserver } from '../../session/session-observer.ts';
import type { SessionUser } from '../../session/session-user.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import type { CommandContext } from '../command-handler.ts';
import { type Completion, no, ok } from '../completion.ts';
import { overQuotaText } from '../quota/quota-line.ts';
import type { ShownPassword } from './sasl.ts';

export type SignInOptions = {
  readonly authenticator: Authenticator;
  readonly scram: ScramAuthenticator;
  /** null: nobody signs in by a token. */
  readonly tokens: TokenSignIn | null;
  readonly certificates: CertificateAuthenticator;
  readonly actAs: ActAs;
  readonly observer: Pick<SessionObserver, 'actedFor'>;
  readonly capabilities: Capabilities;
  readonly standings: Standings;
};

/** What LOGIN and the mechanisms that show the password come down to: a name and a password. */
export async function signIn(
  { identity, ...credentials }: ShownPassword,
  context: CommandContext,
  options: SignInOptions,
): Promise<Completion> {
  const { remoteAddress } = context.session.peer;
  const outcome = await options.authenticator({ ...credentials, remoteAddress }, context.attempt);
  if (outcome.kind !== 'ok') return refusedLogin(outcome.kind, credentials.user, context);
  return letIn({ user: outcome.user, identity }, context, options);
}

/** The user has proved to be one. `identity`: whom the client wants to act as; null: the user. */
export async function letIn(
  { user, identity }: { readonly user: SessionUser; readonly identity: string | null },
  context: CommandContext,
  options: SignInOptions,
): Promise<Completion> {
  if (identity === null || canonicalUser(identity) === user.name) return enter(user, context, options);
  const { session, log, attempt } = context;
  const outcome = await options.actAs({ actor: user, identity }, attempt);
  if (outcome.kind === 'unavailable') return refusedLogin('unavailable', identity, context);
  const told = { actor: user.name, user: identity, remoteAddress: session.peer.remoteAddress };
  if (outcome.kind === 'refused') {
    log.event('ActingRefused', { ...told, reason: outcome.reason });
    options.observer.actedFor('refused');
    return no('You may not act for this user', 'AUTHORIZATIONFAILED');
  }
  log.event('ActingFor', told);
  options.observer.actedFor('allowed');
  return enter(outcome.user, context, options);
}

async function enter(
  user: SessionUser,
  { session, output }: Pick<CommandContext, 'session' | 'output'>,
  { capabilities, standings }: Pick<SignInOptions, 'capabilities' | 'standings'>,
): Promise<Completion> {
  if (!session.signIn(user)) return no('Too many sessions of this user', 'LIMIT');
  if (user.record !== undefined) standings.note(user.name, user.record);
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
  const tooLong = !mayBeUser(user);
  const told = { user: user.slice(0, LONGEST_USER_NAME), remoteAddress };
  switch (why) {
    case 'wrong':
      log.event('LoginFailed', told);
      return no(tooLong ? 'No user has so long a name' : 'Wrong user name or password', 'AUTHENTICATIONFAILED');
    case 'tooMany':
      log.event('LoginFailed', { ...told, tooMany: true });
      return no('Too many failed attempts, please try again later', 'LIMIT');
    case 'unavailable':
      log.event('LoginUnavailable', { user: told.user });
      return no('Nobody can be signed in at the moment, please try again', 'UNAVAILABLE');
  }
}

/** RFC 3501, 6.2.3 and RFC 5530: no password and no token is taken where others could read it. */
export const privacyRequired = (): Completion => no('Use TLS to sign in', 'PRIVACYREQUIRED');
