import { expungeDeleted } from '../../mailbox/expunge-deleted.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { messagesOf } from '../../mailbox/message-ids.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { type CommandHandler, SELECTED } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { lacking } from './lacking.ts';

/** RFC 3501, 6.4.3; UID EXPUNGE: RFC 4315, 2.1. The EXPUNGE responses are told as every other change of the view. */
export const expunge = (services: MailboxServices): CommandHandler<'EXPUNGE'> => ({
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
    const { uids } = command.uids === null ? cursor.all() : messagesOf({ uid: true, set: command.uids }, selected);
    if ((await expungeDeleted(selected, uids, { services, context })) === 'gone') {
      return no('The mailbox has been deleted', 'NONEXISTENT');
    }
    // RFC 7162, 3.2.7: saves a CONDSTORE client the question.
    return ok('EXPUNGE completed', selected.condstore ? `HIGHESTMODSEQ ${cursor.highestModSeq}` : undefined);
  },
});
