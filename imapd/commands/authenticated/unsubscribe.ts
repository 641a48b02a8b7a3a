import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3501, 6.3.7. */
export const unsubscribe: CommandHandler<'UNSUBSCRIBE'> = {
  name: 'UNSUBSCRIBE',
  states: SIGNED_IN,
  async run({ mailbox }, { session, attempt, newOperation }) {
    const { name: owner, store } = session.user;
    await store.subscribe({ operation: newOperation(), owner, name: mailbox, subscribed: false }, attempt);
    return ok('UNSUBSCRIBE completed');
  },
};
