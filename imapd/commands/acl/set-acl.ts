import { canonicalIdentifier, isEverybody, isGroup, userOf } from '../../acl/identifiers.ts';
import { isKnownUser } from '../../acl/is-known-user.ts';
import { RIGHTS } from '../../acl/rights.ts';
import type { Sharing } from '../../acl/sharing.ts';
import type { ChangeAcl } from '../../store/acl.ts';
import type { Announce } from '../announce.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { bad, type Completion, no, ok } from '../completion.ts';
import { type Administration, isAdmin } from '../quota/quota-root.ts';

/** `announce`: who watches the mailbox without having selected it is to look anew at what he may see. */
export type ChangingRules = Administration & { readonly announce: Announce };

/** RFC 4314, 3.1. Groups need not exist anywhere: they are names. */
export const setAcl = (sharing: Sharing, rules: ChangingRules): CommandHandler<'SETACL'> => ({
  name: 'SETACL',
  states: SIGNED_IN,
  capability: 'ACL',
  run: (command, context) => change(command, context, { ...rules, sharing }),
});

/** RFC 4314, 3.2. What is taken away from an identifier by its negative stays. */
export const deleteAcl = (sharing: Sharing, rules: ChangingRules): CommandHandler<'DELETEACL'> => ({
  name: 'DELETEACL',
  states: SIGNED_IN,
  capability: 'ACL',
  run: (command, context) => change({ ...command, mode: 'replace', rights: '' }, context, { ...rules, sharing }),
});

type Change = CommandOf<'SETACL'> | (CommandOf<'DELETEACL'> & Pick<ChangeAcl, 'mode' | 'rights'>);

type Rules = ChangingRules & { readonly sharing: Sharing };

async function change(command: Change, context: CommandContext, rules: Rules): Promise<Completion> {
  const { sharing } = rules;
  const { name, mode, rights } = command;
  const { attempt, newOperation } = context;
  const identifier = canonicalIdentifier(command.identifier);
  if (identifier === null) return bad('That is no identifier');
  const found = await sharing.find({ command: name, mailbox: command.mailbox }, context);
  if (found.kind === 'refused') return found.completion;
  const { place, mailbox } = found;
  if (userOf(identifier) === place.owner) {
    return keepsAll({ ...command, identifier }) ? ok(`${name} completed`) : ownerHasAll;
  }
  const refused = await refusal({ ...command, identifier }, context, rules);
  if (refused !== null) return refused;
  const most = sharing.policy.maxEntries;
  const request = { operation: newOperation(), mailbox: mailbox.id, identifier, mode, rights, most };
  const outcome = await place.store.changeAcl(request, attempt);
  switch (outcome.kind) {
    case 'changed':
      await rules.announce(mailbox.id, null);
      return ok(`${name} completed`);
    case 'tooMany':
      return no(`An access control list has at most ${most} entries`, 'LIMIT');
    case 'gone':
      return no('There is no such mailbox', 'NONEXISTENT');
  }
}

/** Of the owner: is nothing to be taken away? */
function keepsAll({ identifier, mode, rights }: Pick<ChangeAcl, 'identifier' | 'mode' | 'rights'>): boolean {
  if (identifier.startsWith('-')) return mode !== 'remove' && rights === '';
  if (mode === 'replace') return rights.length === RIGHTS.length;
  return mode === 'add' || rights === '';
}

/** Whom nothing is granted to, or taken away from, whatever his rights. What entries there are can always be removed. null: nobody of these. */
async function refusal(
  { identifier, mode, rights }: Pick<ChangeAcl, 'identifier' | 'mode' | 'rights'>,
  context: CommandContext,
  rules: Rules,
): Promise<Completion | null> {
  if (mode === 'remove' || rights === '') return null;
  if (isEverybody(identifier)) return (await mayGrantEverybody(context, rules)) ? null : notToEverybody;
  const user = userOf(identifier);
  if (isGroup(identifier) || isEverybody(user) || rules.sharing.policy.unknownUsers === 'accept') return null;
  const known = await isKnownUser(user, rules.placeOf, context.attempt);
  if (known === 'unavailable') return unreachable;
  return known ? null : unknownUser;
}

/** What is granted to everybody is in everybody's LIST. */
const mayGrantEverybody = async (context: CommandContext, { sharing, admins }: Rules): Promise<boolean> =>
  sharing.policy.anyone === 'allow' || context.session.user.actor !== undefined || (await isAdmin(context, admins));

const notToEverybody = no('Only administrators may share a mailbox with everybody (anyone)', 'NOPERM');
const unknownUser = no('There is no such user; the name of a group begins with $', 'CANNOT');
const unreachable = no('Whether there is such a user cannot be told at the moment, please try again', 'UNAVAILABLE');
const ownerHasAll = no('The owner of a mailbox has every right to it, always', 'CANNOT');
