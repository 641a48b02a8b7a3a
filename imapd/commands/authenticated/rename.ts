import type { Place } from '../../acl/mailbox-place.ts';
import { onlyOf, type Permitted, type Sharing } from '../../acl/sharing.ts';
import type { Announce } from '../announce.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { type Completion, no, ok } from '../completion.ts';
import { faultOfNewName } from './new-mailbox-name.ts';
import { asWritten, tellOldName } from './old-name.ts';
import { noteOwnName } from './own-name.ts';

/** RFC 3501, 6.3.5: with everything below it; from INBOX only the messages move, and who has it selected is told. */
export const rename = (options: {
  readonly announce: Announce;
  readonly sharing: Sharing;
}): CommandHandler<'RENAME'> => ({
  name: 'RENAME',
  states: SIGNED_IN,
  async run(command, context) {
    const { from, to } = command;
    const { attempt, newOperation } = context;
    const fault = faultOfNewName(to);
    if (fault !== null) return no(fault, 'CANNOT');
    const between = await ends(command, context, options.sharing);
    if (between.kind === 'refused') return between.completion;
    const { owner, name, store } = between.from.place;
    if (name !== 'INBOX' && between.to.name.startsWith(`${name}/`)) {
      return no('A mailbox cannot go below itself', 'CANNOT');
    }
    const request = { operation: newOperation(), owner, name, to: between.to.name, ...onlyOf(between.from) };
    const outcome = await store.renameMailbox(request, attempt);
    switch (outcome.kind) {
      case 'renamed':
        noteOwnName(context, between.to, outcome.mailboxes);
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

type Ends =
  | { readonly kind: 'permitted'; readonly from: Permitted; readonly to: Place }
  | { readonly kind: 'refused'; readonly completion: Completion };

/** A mailbox stays with its owner: whose it is decides who pays for it, and where it is kept. */
async function ends({ name, from, to }: CommandOf<'RENAME'>, context: CommandContext, sharing: Sharing): Promise<Ends> {
  const old = await sharing.permit({ command: name, mailbox: from }, context);
  if (old.kind === 'refused') return old;
  const wanted = await sharing.permitNew({ command: name, mailbox: to }, context);
  if (wanted.kind === 'refused') return wanted;
  if (old.place.owner !== wanted.place.owner) return refused('A mailbox cannot be given to somebody else');
  if (old.place.kind === 'other' && old.place.name === 'INBOX') return refused('INBOX of others cannot be renamed');
  return { kind: 'permitted', from: old, to: wanted.place };
}

const refused = (text: string): Ends => ({ kind: 'refused', completion: no(text, 'CANNOT') });
