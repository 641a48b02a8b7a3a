import type { Announce } from '../announce.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { faultOfNewName } from './new-mailbox-name.ts';
import { asWritten, tellOldName } from './old-name.ts';

/** RFC 3501, 6.3.5: with everything below it; from INBOX only the messages move, and who has it selected is told. */
export const rename = (options: { readonly announce: Announce }): CommandHandler<'RENAME'> => ({
  name: 'RENAME',
  states: SIGNED_IN,
  async run({ from, to }, context) {
    const { session, attempt, newOperation } = context;
    const fault = faultOfNewName(to);
    if (fault !== null) return no(fault, 'CANNOT');
    if (from !== 'INBOX' && to.startsWith(`${from}/`)) return no('A mailbox cannot go below itself', 'CANNOT');
    const { name: owner, store } = session.user;
    const outcome = await store.renameMailbox({ operation: newOperation(), owner, name: from, to }, attempt);
    switch (outcome.kind) {
      case 'renamed':
        // No mod-sequence tells of another name, so that no poll would find out.
        await Promise.all(outcome.mailboxes.map((mailbox) => options.announce(mailbox, null)));
        await tellOldName(context, { name: to, old: asWritten(context, from) });
        return ok('RENAME completed');
      case 'missing':
        return no('There is no such mailbox', 'NONEXISTENT');
      case 'exists':
        return no('The new name is taken', 'ALREADYEXISTS');
      case 'overQuota':
        return no('The levels above the new name would be more mailboxes than are allowed', 'OVERQUOTA');
    }
  },
});
