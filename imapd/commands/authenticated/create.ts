import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { faultOfNewName } from './new-mailbox-name.ts';

/** RFC 3501, 6.3.3. Missing parents are made too. */
export const create: CommandHandler<'CREATE'> = {
  name: 'CREATE',
  states: SIGNED_IN,
  async run({ mailbox }, { session, attempt, newOperation }) {
    const fault = faultOfNewName(mailbox);
    if (fault !== null) return no(fault, 'CANNOT');
    const { name: owner, store } = session.user;
    const request = { operation: newOperation(), owner, name: mailbox, specialUse: [] };
    const outcome = await store.createMailbox(request, attempt);
    switch (outcome.kind) {
      case 'created':
        return ok('CREATE completed');
      case 'exists':
        return no('The mailbox exists already', 'ALREADYEXISTS');
      case 'limit':
        return no('No more mailboxes can be made', 'LIMIT');
    }
  },
};
