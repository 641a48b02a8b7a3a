import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { writeQuota } from './quota-line.ts';
import { noSuchRoot } from './quota-root.ts';

/** RFC 9208, 4.1.2. The mailbox need not exist: all that a user has, or makes, is of one root. */
export const getQuotaRoot: CommandHandler<'GETQUOTAROOT'> = {
  name: 'GETQUOTAROOT',
  states: SIGNED_IN,
  capability: 'QUOTA',
  async run({ mailbox }, { session, output, attempt }) {
    const { name: owner, store } = session.user;
    const quota = await store.findQuota(owner, attempt);
    if (quota === null) return noSuchRoot;
    const writer = new ResponseWriter(session.mailboxNames);
    writer.raw('* QUOTAROOT ').mailbox(mailbox).space().astring(owner).crlf();
    writeQuota(writer, owner, quota);
    await output.write(writer.take());
    return ok('GETQUOTAROOT completed');
  },
};
