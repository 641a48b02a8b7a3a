import { notPermitted, type Sharing } from '../../acl/sharing.ts';
import { type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { type Completion, no, ok } from '../completion.ts';
import { annotated } from './annotated.ts';
import type { MetadataPolicy } from './metadata-policy.ts';

/** RFC 5464, 4.3: all values, or none. */
export const setMetadata = (policy: MetadataPolicy, sharing: Sharing): CommandHandler<'SETMETADATA'> => ({
  name: 'SETMETADATA',
  states: SIGNED_IN,
  capability: 'METADATA',
  async run(command, context) {
    const { session, attempt, newOperation } = context;
    const refused = refusal(command, policy);
    if (refused !== null) return refused;
    const { name: reader } = session.user;
    const of = await annotated(command, context, sharing);
    if (of.kind === 'refused') return of.completion;
    const { store, id, rights } = of;
    // What all can read takes up the owner's room.
    const shared = command.values.some(([entry]) => entry.startsWith('/shared/'));
    if (shared && !rights.has('w')) return notPermitted.completion;
    const changes = command.values.map(([entry, value]) => ({ entry, value }));
    const request = { operation: newOperation(), mailbox: id, reader, changes, most: policy.maxEntries };
    const outcome = await store.writeAnnotations(request, attempt);
    switch (outcome.kind) {
      case 'written':
        return ok('SETMETADATA completed');
      case 'tooMany':
        return no(`A mailbox has at most ${policy.maxEntries} entries`, 'METADATA TOOMANY');
      case 'overQuota':
        return no('The annotations of all mailboxes together are too large: remove some', 'OVERQUOTA');
      case 'gone':
        return noMailbox;
    }
  },
});

const noMailbox = no('There is no such mailbox', 'NONEXISTENT');

function refusal({ mailbox, values }: CommandOf<'SETMETADATA'>, { maxSize }: MetadataPolicy): Completion | null {
  // The server's words are the cluster's (spec.metadata), and of all partitions the same.
  if (mailbox === null && values.some(([entry]) => entry.startsWith('/shared/'))) {
    return no('Shared entries of the server are set by its operator', 'NOPERM');
  }
  // RFC 6154, 5.4 would have it change the use of the mailbox.
  if (values.some(([entry]) => entry === '/private/specialuse')) {
    return no('The use of a mailbox is said when it is made: CREATE with USE', 'CANNOT');
  }
  const longest = Math.max(0, ...values.map(([, value]) => value?.length ?? 0));
  return longest > maxSize ? no(`A value has at most ${maxSize} octets`, `METADATA MAXSIZE ${maxSize}`) : null;
}
