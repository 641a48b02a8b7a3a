import type { Output } from '../../session/output.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { type Completion, ok } from '../completion.ts';

/**
 * RFC 8437: the session is a stranger's again, without its mailbox and without what was enabled; TLS stays. A NO is not
 * permitted, since clients pipeline the next AUTHENTICATE: where there is no room for a further stranger it ends with BYE. So
 * it does under COMPRESS, whose end (4.1) would have to be found in the middle of what the client has compressed.
 */
export const unauthenticate = (capabilities: Capabilities): CommandHandler<'UNAUTHENTICATE'> => ({
  name: 'UNAUTHENTICATE',
  states: SIGNED_IN,
  capability: 'UNAUTHENTICATE',
  updates: () => 'none',
  async run(_, { session, output }) {
    if (session.compressed) return end(output, 'Compression ends with the connection');
    if (session.signOut()) return ok('Nobody is signed in', `CAPABILITY ${capabilities.shownTo(session)}`);
    return end(output, 'Too many connections, please try again later');
  },
});

async function end(output: Output, why: string): Promise<Completion> {
  await output.write(`* BYE [UNAVAILABLE] ${why}\r\n`);
  return { ...ok('UNAUTHENTICATE completed'), afterwards: 'close' };
}
