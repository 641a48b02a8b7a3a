import { onlyOf, type Sharing } from '../../acl/sharing.ts';
import type { Announce } from '../announce.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { asWritten, tellOldName } from './old-name.ts';
import { noteOwnName } from './own-name.ts';

const gone = { attributes: ['\\NonExistent'] };

/** RFC 3501, 6.3.4. A mailbox with children leaves its name behind, which cannot be deleted before they are. */
export const deleteMailbox = (options: {
  readonly announce: Announce;
  readonly sharing: Sharing;
}): CommandHandler<'DELETE'> => ({
  name: 'DELETE',
  states: SIGNED_IN,
  async run({ mailbox }, context) {
    const { attempt, newOperation } = context;
    const permitted = await options.sharing.permit({ command: 'DELETE', mailbox }, context);
    if (permitted.kind === 'refused') return permitted.completion;
    const { owner, name, store } = permitted.place;
    const outcome = await store.deleteMailbox(
      { operation: newOperation(), owner, name, ...onlyOf(permitted) },
      attempt,
    );
    switch (outcome.kind) {
      case 'deleted':
        noteOwnName(context, permitted.place, []);
        await options.announce(outcome.mailbox, null);
        await tellOldName(context, { ...gone, name: mailbox, old: asWritten(context, mailbox) });
        return ok('DELETE completed');
      case 'missing':
        return no('There is no such mailbox', 'NONEXISTENT');
      case 'hasChildren':
        return no('Only the name is left, and mailboxes below it', 'HASCHILDREN');
      case 'inbox':
        return no('INBOX cannot be deleted', 'CANNOT');
    }
  },
});
