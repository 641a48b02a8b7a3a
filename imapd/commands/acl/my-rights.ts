import { type Rights, rightsText } from '../../acl/rights.ts';
import type { Sharing } from '../../acl/sharing.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 4314, 3.5. */
export const myRights = (sharing: Sharing): CommandHandler<'MYRIGHTS'> => ({
  name: 'MYRIGHTS',
  states: SIGNED_IN,
  capability: 'ACL',
  async run({ name, mailbox }, context) {
    const found = await sharing.find({ command: name, mailbox }, context);
    if (found.kind === 'refused') return found.completion;
    const writer = new ResponseWriter(context.session.mailboxNames);
    writeMyRights(writer, found.place.shown, found.rights);
    await context.output.write(writer.take());
    return ok('MYRIGHTS completed');
  },
});

/** One MYRIGHTS response (RFC 4314, 3.8), also behind LIST (RFC 8440). */
export function writeMyRights(writer: ResponseWriter, mailbox: string, rights: Rights): void {
  writer.raw('* MYRIGHTS ').mailbox(mailbox).space().astring(rightsText(rights)).crlf();
}
