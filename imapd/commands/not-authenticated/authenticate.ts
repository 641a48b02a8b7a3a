import type { CommandContext, CommandHandler } from '../command-handler.ts';
import { bad, type Completion, no } from '../completion.ts';
import { decodeAnswer, isSaslMechanism, type SaslMechanism, type SaslStep, saslMechanisms } from './sasl.ts';
import { passwordRefused, type SignInOptions, signIn } from './sign-in.ts';

/** RFC 3501, 6.2.2, with the initial response of RFC 4959. */
export const authenticate = (options: SignInOptions): CommandHandler<'AUTHENTICATE'> => ({
  name: 'AUTHENTICATE',
  states: ['notAuthenticated'],
  async run({ mechanism, initialResponse }, context) {
    if (!isSaslMechanism(mechanism) || !options.capabilities.has(`AUTH=${mechanism}`)) {
      return no('Unknown mechanism', 'CANNOT');
    }
    if (!options.capabilities.passwordAllowed(context.session)) return passwordRefused();
    const answers = initialResponse === null ? [] : [initialResponse];
    const end = await converse(saslMechanisms[mechanism], answers, context);
    return end.kind === 'credentials' ? signIn(end, context, options) : refusal(end);
  },
});

type Conversed = Exclude<SaslStep, { kind: 'ask' }> | { readonly kind: 'cancelled' } | { readonly kind: 'gone' };

async function converse(
  mechanism: SaslMechanism,
  answers: readonly Buffer[],
  context: CommandContext,
): Promise<Conversed> {
  const step = mechanism(answers);
  if (step.kind !== 'ask') return step;
  const line = await context.input.ask(Buffer.from(step.challenge).toString('base64'));
  if (line === null) return { kind: 'gone' };
  if (line.equals(Buffer.from('*'))) return { kind: 'cancelled' };
  const answer = decodeAnswer(line);
  if (answer === null) return { kind: 'invalid', text: 'Expected base64' };
  return converse(mechanism, [...answers, answer], context);
}

function refusal(end: Exclude<Conversed, { kind: 'credentials' }>): Completion {
  switch (end.kind) {
    case 'otherIdentity':
      return no('Nobody may act for another user', 'AUTHORIZATIONFAILED');
    case 'invalid':
      return bad(end.text);
    case 'cancelled':
      return bad('AUTHENTICATE cancelled');
    case 'gone':
      return bad('AUTHENTICATE was not finished');
  }
}
