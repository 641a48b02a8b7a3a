import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { bad, no } from '../completion.ts';

/**
 * RFC 4978. The session changes over after the response. Only for users, as the RFC's syntax has it (command-auth): strangers
 * get no memory.
 */
export const compress: CommandHandler<'COMPRESS'> = {
  name: 'COMPRESS',
  states: SIGNED_IN,
  capability: 'COMPRESS=DEFLATE',
  async run(_, { session }) {
    if (session.compressed) return bad('DEFLATE is active already', 'COMPRESSIONACTIVE');
    if (!session.compress()) return no('Too many sessions compress, please go on without', 'LIMIT');
    return { status: 'OK', text: 'DEFLATE active', afterwards: 'compress' };
  },
};
