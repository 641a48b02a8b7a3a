import type { CommandContext, CommandHandler } from '../command-handler.ts';
import { no } from '../completion.ts';
import { type Asked, askClient, unfinished } from './ask-client.ts';
import { isSaslMechanism, type SaslMechanism, type SaslStep, saslMechanisms } from './sasl.ts';
import { isScramMechanism, scram } from './scram.ts';
import { passwordRefused, type SignInOptions, signIn } from './sign-in.ts';

/** RFC 3501, 6.2.2, with the initial response of RFC 4959. */
export const authenticate = (options: SignInOptions): CommandHandler<'AUTHENTICATE'> => ({
  name: 'AUTHENTICATE',
  states: ['notAuthenticated'],
  async run({ mechanism, initialResponse }, context) {
    const { capabilities } = options;
    const known = isSaslMechanism(mechanism) || isScramMechanism(mechanism);
    if (!known || !capabilities.has(`AUTH=${mechanism}`)) return no('Unknown mechanism', 'CANNOT');
    // By an exchange of SCRAM, too, who listens could try passwords at leisure.
    if (!capabilities.passwordAllowed(context.session)) return passwordRefused();
    if (isScramMechanism(mechanism)) return scram({ mechanism, initialResponse }, context, options);
    const answers = initialResponse === null ? [] : [initialResponse];
    const end = await converse(saslMechanisms[mechanism], answers, context);
    return end.kind === 'credentials' ? signIn(end, context, options) : unfinished(end);
  },
});

type Conversed = Exclude<SaslStep, { kind: 'ask' }> | Exclude<Asked, { kind: 'answer' }>;

async function converse(
  mechanism: SaslMechanism,
  answers: readonly Buffer[],
  context: CommandContext,
): Promise<Conversed> {
  const step = mechanism(answers);
  if (step.kind !== 'ask') return step;
  const asked = await askClient(context, step.challenge);
  if (asked.kind !== 'answer') return asked;
  return converse(mechanism, [...answers, asked.answer], context);
}
