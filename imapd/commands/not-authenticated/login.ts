import type { CommandHandler } from '../command-handler.ts';
import { no } from '../completion.ts';
import { privacyRequired, type SignInOptions, signIn } from './sign-in.ts';

/** RFC 3501, 6.2.3. */
export const login = (options: SignInOptions): CommandHandler<'LOGIN'> => ({
  name: 'LOGIN',
  states: ['notAuthenticated'],
  async run({ user, password }, context) {
    const { capabilities } = options;
    if (!capabilities.accepts('passwords')) return no('Nobody signs in by a password here', 'CANNOT');
    if (!capabilities.secretsAllowed(context.session)) return privacyRequired();
    return signIn({ user, password, identity: null }, context, options);
  },
});
