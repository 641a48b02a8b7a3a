import { canonicalIdentifier } from '../../acl/identifiers.ts';
import { RIGHTS, rightsText } from '../../acl/rights.ts';
import type { Sharing } from '../../acl/sharing.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 4314, 3.4: the owner has all rights, whatever is granted; to everybody else each can be granted by itself. */
export const listRights = (sharing: Sharing): CommandHandler<'LISTRIGHTS'> => ({
  name: 'LISTRIGHTS',
  states: SIGNED_IN,
  capability: 'ACL',
  async run({ name, mailbox, identifier }, context) {
    const found = await sharing.find({ command: name, mailbox }, context);
    if (found.kind === 'refused') return found.completion;
    const { owner, shown } = found.place;
    const always = canonicalIdentifier(identifier) === owner ? rightsText(RIGHTS) : '';
    const optional = always === '' ? [...rightsText(RIGHTS)] : [];
    const writer = new ResponseWriter(context.session.mailboxNames);
    writer.raw('* LISTRIGHTS ').mailbox(shown).space().astring(identifier).space().astring(always);
    for (const right of optional) writer.space().raw(right);
    await context.output.write(writer.crlf().take());
    return ok('LISTRIGHTS completed');
  },
});
