import { RIGHTS, rightsText } from '../../acl/rights.ts';
import type { Sharing } from '../../acl/sharing.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 4314, 3.3: the owner, if it is a user, then whoever is in the list. */
export const getAcl = (sharing: Sharing): CommandHandler<'GETACL'> => ({
  name: 'GETACL',
  states: SIGNED_IN,
  capability: 'ACL',
  async run(command, context) {
    const found = await sharing.find({ command: command.name, mailbox: command.mailbox }, context);
    if (found.kind === 'refused') return found.completion;
    const { place, mailbox } = found;
    const entries = await place.store.readAcl(mailbox.id, context.attempt);
    const writer = new ResponseWriter(context.session.mailboxNames);
    writer.raw('* ACL ').mailbox(place.shown);
    const owner = place.kind === 'shared' ? [] : [[place.owner, RIGHTS] as const];
    for (const [identifier, rights] of [...owner, ...Object.entries(entries)]) {
      writer.space().astring(identifier).space().astring(rightsText(rights));
    }
    await context.output.write(writer.crlf().take());
    return ok('GETACL completed');
  },
});
