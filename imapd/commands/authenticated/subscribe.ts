import type { Sharing } from '../../acl/sharing.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3501, 6.3.6. A name may be subscribed to before, or after, its mailbox exists; no right is needed (RFC 4314, 4). */
export const subscribe = (sharing: Sharing): CommandHandler<'SUBSCRIBE'> => ({
  name: 'SUBSCRIBE',
  states: SIGNED_IN,
  async run({ mailbox }, { session, attempt, newOperation }) {
    const { name: owner, store } = session.user;
    const place = sharing.place(mailbox, session.user);
    const name = 'shown' in place ? place.shown : mailbox;
    await store.subscribe({ operation: newOperation(), owner, name, subscribed: true }, attempt);
    session.news?.did({ kind: 'subscription', name, subscribed: true });
    return ok('SUBSCRIBE completed');
  },
});
