import type { Capabilities } from '../any-state/capability-table.ts';
import type { CommandHandler } from '../command-handler.ts';
import { bad } from '../completion.ts';

/** RFC 3501, 6.2.1. The session changes over after the response, dropping whatever came in clear behind the command. */
export const startTls = (capabilities: Capabilities): CommandHandler<'STARTTLS'> => ({
  name: 'STARTTLS',
  states: ['notAuthenticated'],
  async run(_, { session }) {
    if (session.tls) return bad('TLS is in use already', 'CLIENTBUG');
    if (!capabilities.startTlsOffered(session)) return bad('TLS is not available');
    return { status: 'OK', text: 'Begin TLS negotiation now', afterwards: 'startTls' };
  },
});
