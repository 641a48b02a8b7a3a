import type { CommandHandler } from '../command-handler.ts';
import { passwordRefused, type SignInOptions, signIn } from './sign-in.ts';

/** RFC 3501, 6.2.3. */
export const login = (options: SignInOptions): CommandHandler<'LOGIN'> => ({
  name: 'LOGIN',
  states: ['notAuthenticated'],
  async run({ user, password }, context) {
    if (!options.capabilities.passwordAllowed(context.session)) return passwordRefused();
    return signIn({ user, password }, context, options);
  },
});
