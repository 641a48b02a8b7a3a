import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 2342: one personal namespace without prefix; neither other users' nor shared mailboxes. */
export const namespace: CommandHandler<'NAMESPACE'> = {
  name: 'NAMESPACE',
  states: SIGNED_IN,
  capability: 'NAMESPACE',
  async run(_, { output }) {
    await output.write('* NAMESPACE (("" "/")) NIL NIL\r\n');
    return ok('NAMESPACE completed');
  },
};
