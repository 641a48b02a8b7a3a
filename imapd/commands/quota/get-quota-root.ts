import type { Sharing } from '../../acl/sharing.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { writeQuota } from './quota-line.ts';
import { noSuchRoot } from './quota-root.ts';

/**
 * RFC 9208, 4.1.2. The mailbox need not exist: all that a user has, or makes, is of one root. Of a mailbox of somebody else it is
 * the owner's: what is put there takes up the owner's room.
 */
export const getQuotaRoot = (sharing: Sharing): CommandHandler<'GETQUOTAROOT'> => ({
  name: 'GETQUOTAROOT',
  states: SIGNED_IN,
  capability: 'QUOTA',
  async run({ name, mailbox }, context) {
    const { session, output, attempt } = context;
    const permitted = await sharing.permit({ command: name, mailbox }, context);
    if (permitted.kind === 'refused') return permitted.completion;
    const { owner, store, shown } = permitted.place;
    const quota = await store.findQuota(owner, attempt);
    if (quota === null) return noSuchRoot;
    const writer = new ResponseWriter(session.mailboxNames);
    writer.raw('* QUOTAROOT ').mailbox(shown).space().astring(owner).crlf();
    writeQuota(writer, owner, quota);
    await output.write(writer.take());
    return ok('GETQUOTAROOT completed');
  },
});
