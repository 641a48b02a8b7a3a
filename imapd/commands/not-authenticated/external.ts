import { isUtf8 } from 'node:buffer';
import { canonicalUser } from '#contract/placement.ts';
import type { ClientCertificate } from '../../session/client-certificate.ts';
import type { CommandContext } from '../command-handler.ts';
import { bad, type Completion, no } from '../completion.ts';
import { firstAnswer, unfinished } from './ask-client.ts';
import { letIn, refusedLogin, type SignInOptions } from './sign-in.ts';

/** EXTERNAL (RFC 4422, appendix A): who the client is, its certificate has said already. */
export async function external(
  initialResponse: Buffer | null,
  context: CommandContext,
  options: SignInOptions,
): Promise<Completion> {
  const { certificate } = context.session;
  if (certificate === null) return no('No certificate of this client has been accepted', 'CANNOT');
  const asked = await firstAnswer(initialResponse, context);
  if (asked.kind !== 'answer') return unfinished(asked);
  if (!isUtf8(asked.answer) || asked.answer.includes(0)) return bad('Expected the name of a user, or nothing');
  const identity = asked.answer.toString('utf8');
  const user = whoIs(certificate, identity);
  if (user === null) {
    return no('The certificate names several users, or none: say which one', 'AUTHORIZATIONFAILED');
  }
  const outcome = await options.certificates({ user, until: certificate.until }, context.attempt);
  if (outcome.kind !== 'ok') return refusedLogin(outcome.kind, user, context);
  return letIn({ user: outcome.user, identity: identity === '' ? null : identity }, context, options);
}

/** The user of the certificate that the client asks to be, or its only one; null where that cannot be told. */
function whoIs({ users }: ClientCertificate, identity: string): string | null {
  const asked = users.find((user) => canonicalUser(user) === canonicalUser(identity));
  return asked ?? (users.length === 1 ? (users[0] ?? null) : null);
}
