import type { Sharing } from '../../acl/sharing.ts';
import { mailboxObjectId } from '../../mailbox/object-ids.ts';
import type { MailboxId } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { faultOfNewName } from './new-mailbox-name.ts';
import { asWritten, tellOldName } from './old-name.ts';
import { noteOwnName } from './own-name.ts';
import { supportedUses } from './special-uses.ts';

/** RFC 3501, 6.3.3; MAILBOXID: RFC 8474, 4.1. Missing parents are made too. */
export const create = (capabilities: Capabilities, sharing: Sharing): CommandHandler<'CREATE'> => ({
  name: 'CREATE',
  states: SIGNED_IN,
  async run({ mailbox, uses }, context) {
    const { attempt, newOperation } = context;
    const fault = faultOfNewName(mailbox);
    if (fault !== null) return no(fault, 'CANNOT');
    // RFC 6154, 3. Parents that are made on the way have no use.
    const wanted = supportedUses(uses ?? []);
    if (wanted.kind === 'unsupported') return no(`${wanted.use} is no use of a mailbox here`, 'USEATTR');
    const permitted = await sharing.permitNew({ command: 'CREATE', mailbox }, context);
    if (permitted.kind === 'refused') return permitted.completion;
    const { kind, owner, name, store } = permitted.place;
    // A use is the owner's: it says where his programs put things.
    if (kind !== 'own' && wanted.uses.length > 0) return no('A mailbox of others is given no use', 'USEATTR');
    const request = { operation: newOperation(), owner, name, specialUse: wanted.uses, ofNobody: kind === 'shared' };
    const outcome = await store.createMailbox(request, attempt);
    switch (outcome.kind) {
      case 'created':
        noteOwnName(context, permitted.place, [outcome.id]);
        await tellOldName(context, { name: mailbox, old: asWritten(context, mailbox) });
        return ok('CREATE completed', objectId(outcome.id, capabilities));
      case 'exists':
        return no('The mailbox exists already', 'ALREADYEXISTS');
      case 'useTaken':
        return no(`Another mailbox is ${outcome.use} already`, 'USEATTR');
      case 'overQuota':
        return no('No more mailboxes can be made: their limit is reached', 'OVERQUOTA');
    }
  },
});

const objectId = (id: MailboxId, capabilities: Capabilities): string | undefined =>
  capabilities.has('OBJECTID') ? `MAILBOXID (${mailboxObjectId(id)})` : undefined;
