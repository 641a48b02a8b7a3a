import { ANY_STATE, type CommandHandler } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3501, 6.1.3. */
export const logout: CommandHandler<'LOGOUT'> = {
  name: 'LOGOUT',
  states: ANY_STATE,
  updates: () => 'none',
  async run(_, { output }) {
    await output.write('* BYE Goodbye\r\n');
    return { ...ok('LOGOUT completed'), afterwards: 'close' };
  },
};
