import { SEPARATOR } from '../../acl/mailbox-place.ts';
import type { Sharing } from '../../acl/sharing.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 2342: one personal namespace without prefix, and that of other users. What is shared by all is somebody's, too. */
export const namespace = ({ prefix }: Pick<Sharing, 'prefix'>): CommandHandler<'NAMESPACE'> => ({
  name: 'NAMESPACE',
  states: SIGNED_IN,
  capability: 'NAMESPACE',
  async run(_, { session, output }) {
    const writer = new ResponseWriter(session.mailboxNames);
    writer.raw('* NAMESPACE (("" "/")) ');
    if (prefix === null) writer.nil();
    else writer.raw('((').quotedMailbox(`${prefix}${SEPARATOR}`).raw(' "/"))');
    await output.write(writer.raw(' NIL').crlf().take());
    return ok('NAMESPACE completed');
  },
});
