import { expungeDeleted } from '../../mailbox/expunge-deleted.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { type CommandHandler, SELECTED } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3501, 6.4.2: expunges without a word, unless read-only or not permitted (RFC 4314, 4), and leaves the mailbox. */
export const close = (services: MailboxServices): CommandHandler<'CLOSE'> => ({
  name: 'CLOSE',
  states: SELECTED,
  updates: () => 'none',
  async run(_, context) {
    const selected = SelectedMailbox.of(context.session);
    if (selected.permits('e')) {
      await selected.refresh();
      await expungeDeleted(selected, selected.cursor.all().uids, { services, context });
    }
    context.session.deselect();
    return ok('CLOSE completed');
  },
});
