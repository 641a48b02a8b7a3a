import type { SignInWay } from '../any-state/capability-table.ts';
import type { CommandContext, CommandHandler } from '../command-handler.ts';
import { type Completion, no } from '../completion.ts';
import { type Asked, askClient, unfinished } from './ask-client.ts';
import { bearer } from './bearer.ts';
import { external } from './external.ts';
import { type SaslMechanism, type SaslStep, saslMechanisms } from './sasl.ts';
import { scram } from './scram.ts';
import { privacyRequired, type SignInOptions, signIn } from './sign-in.ts';

type Exchange = (
  initialResponse: Buffer | null,
  context: CommandContext,
  options: SignInOptions,
) => Promise<Completion>;

/** Every mechanism, announced as the capability `AUTH=name`, and by what it signs in. */
const mechanisms = {
  PLAIN: { way: 'passwords', exchange: shownPassword(saslMechanisms.PLAIN) },
  LOGIN: { way: 'passwords', exchange: shownPassword(saslMechanisms.LOGIN) },
  'SCRAM-SHA-256': { way: 'passwords', exchange: scram('SCRAM-SHA-256') },
  'SCRAM-SHA-256-PLUS': { way: 'passwords', exchange: scram('SCRAM-SHA-256-PLUS') },
  OAUTHBEARER: { way: 'tokens', exchange: bearer('OAUTHBEARER') },
  XOAUTH2: { way: 'tokens', exchange: bearer('XOAUTH2') },
  EXTERNAL: { way: 'certificates', exchange: external },
} as const satisfies Readonly<Record<string, { readonly way: SignInWay; readonly exchange: Exchange }>>;

const isMechanism = (name: string): name is keyof typeof mechanisms => Object.hasOwn(mechanisms, name);

/** RFC 3501, 6.2.2, with the initial response of RFC 4959. */
export const authenticate = (options: SignInOptions): CommandHandler<'AUTHENTICATE'> => ({
  name: 'AUTHENTICATE',
  states: ['notAuthenticated'],
  async run({ mechanism, initialResponse }, context) {
    const { capabilities } = options;
    const known = isMechanism(mechanism) && capabilities.has(`AUTH=${mechanism}`) ? mechanisms[mechanism] : null;
    if (known === null || !capabilities.accepts(known.way)) return no('Unknown mechanism', 'CANNOT');
    // By an exchange of SCRAM, too, who listens could try passwords at leisure.
    if (!capabilities.secretsAllowed(context.session)) return privacyRequired();
    return known.exchange(initialResponse, context, options);
  },
});

/** A mechanism that shows the password to the server. */
function shownPassword(mechanism: SaslMechanism): Exchange {
  return async (initialResponse, context, options) => {
    const answers = initialResponse === null ? [] : [initialResponse];
    const end = await converse(mechanism, answers, context);
    return end.kind === 'credentials' ? signIn(end, context, options) : unfinished(end);
  };
}

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
