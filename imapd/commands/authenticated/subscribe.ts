import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3501, 6.3.6. A name may be subscribed to before, or after, its mailbox exists. */
export const subscribe: CommandHandler<'SUBSCRIBE'> = {
  name: 'SUBSCRIBE',
  states: SIGNED_IN,
  async run({ mailbox }, { session, attempt, newOperation }) {
    const { name: owner, store } = session.user;
    await store.subscribe({ operation: newOperation(), owner, name: mailbox, subscribed: true }, attempt);
    return ok('SUBSCRIBE completed');
  },
};
