import type { Sharing } from '../../acl/sharing.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3501, 6.3.7. */
export const unsubscribe = (sharing: Sharing): CommandHandler<'UNSUBSCRIBE'> => ({
  name: 'UNSUBSCRIBE',
  states: SIGNED_IN,
  async run({ mailbox }, { session, attempt, newOperation }) {
    const { name: owner, store } = session.user;
    const place = sharing.place(mailbox, session.user);
    const name = 'shown' in place ? place.shown : mailbox;
    await store.subscribe({ operation: newOperation(), owner, name, subscribed: false }, attempt);
    session.news?.did({ kind: 'subscription', name, subscribed: false });
    return ok('UNSUBSCRIBE completed');
  },
});
