import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/**
 * RFC 8437: the session is a stranger's again, without its mailbox and without what was enabled; TLS stays. A NO is not
 * permitted, since clients pipeline the next AUTHENTICATE: where there is no room for a further stranger it ends with BYE.
 */
export const unauthenticate = (capabilities: Capabilities): CommandHandler<'UNAUTHENTICATE'> => ({
  name: 'UNAUTHENTICATE',
  states: SIGNED_IN,
  capability: 'UNAUTHENTICATE',
  updates: () => 'none',
  async run(_, { session, output }) {
    if (session.signOut()) return ok('Nobody is signed in', `CAPABILITY ${capabilities.shownTo(session)}`);
    await output.write('* BYE [UNAVAILABLE] Too many connections, please try again later\r\n');
    return { ...ok('UNAUTHENTICATE completed'), afterwards: 'close' };
  },
});
