import { deletedOf, expungeDeleted } from '../../mailbox/expunge-deleted.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { messagesOf } from '../../mailbox/message-ids.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SELECTED } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { lacking } from './lacking.ts';
import { allowed, partly } from './message-limit.ts';

/** RFC 3501, 6.4.3; UID EXPUNGE: RFC 4315, 2.1. The EXPUNGE responses are told as every other change of the view. */
export const expunge = (services: MailboxServices, capabilities: Capabilities): CommandHandler<'EXPUNGE'> => ({
  name: 'EXPUNGE',
  states: SELECTED,
  tells: 'own',
  async run(command, context) {
    const selected = SelectedMailbox.of(context.session);
    const lacks = lacking(selected, 'EXPUNGE');
    if (lacks !== null) return lacks;
    await selected.catchUp(context.attempt);
    // What carries \Deleted is to go, whether the session was told of it before or not.
    await selected.report('noExpunge', context.output);
    const { cursor } = selected;
    // RFC 9738, 3.1: EXPUNGE itself is not limited.
    const { messages, code } =
      command.uids === null
        ? { messages: cursor.all(), code: null }
        : allowed(
            deletedOf(selected, messagesOf({ uid: true, set: command.uids }, selected)),
            capabilities.messageLimit,
          );
    if ((await expungeDeleted(selected, messages.uids, { services, context })) === 'gone') {
      return no('The mailbox has been deleted', 'NONEXISTENT');
    }
    // RFC 7162, 3.2.7: saves a CONDSTORE client the question.
    return partly(ok('EXPUNGE completed', selected.modSeqCode), code, context.output);
  },
});
